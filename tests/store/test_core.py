from kiertokylat.access import Actor
from kiertokylat.store import load_demo


def test_x(store):
    assert load_demo(store, Actor("a", "editor")) == 1
    print(store.url)
