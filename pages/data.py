from kiertokylat.web import dataview

dataview.page()
