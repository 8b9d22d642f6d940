from kiertokylat.web.workshop import board

board.page()
