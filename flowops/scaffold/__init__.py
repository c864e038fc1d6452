"""A first project from exports that lie around: what ``flowops init`` writes.

``exports``     find the flows below a folder
``patterns``    choose globs that match them and nothing else
``entries``     list what of each flow is bound to its instance
``files``       the texts of the files
``yaml_lines``  write YAML line by line, with comments
"""
