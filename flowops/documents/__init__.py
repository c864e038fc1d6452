"""The only doors for JSON and YAML text, and for files that are written.

``source``      a text with its path, from bytes; kept so it can be given back
``json_text``   parse, find and replace JSON values by their exact place
``conflicts``   find what Git leaves where a merge needs a person
``yaml_text``   read YAML 1.2 strictly, every value with its place
``yaml_edit``   write YAML, and change a value in a file a person keeps
``shapes``      take a parsed value as the shape it has to have
``log``         append-only files
``canonical``   one byte form of a value, and its digest
``json_forms``  write many objects of the same keys, as text at once
``files``       read with a limit; write whole or not at all; safe names
``archive``     zip bytes that depend on nothing but their members
"""
