"""Every paper that can be issued, each in the file that bears its kind's name: reading this room registers them."""
from importlib import import_module
from pkgutil import iter_modules

for _each in iter_modules(__path__):
    import_module(f"{__name__}.{_each.name}")
