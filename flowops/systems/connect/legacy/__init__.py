"""Exports of the language before 2019-10-30: read them, and convert them.

``language``     reads both generations of the old form
``references``   finds what they refer to
``description``  describes them by meaning
``conversion``   turns one into the current language, block by block
``blocks``       what becomes of each type of block
``values``       what becomes of values that are filled in at run time
"""
