"""What is said of a flow before anything is asked of an instance: one rule, one fact.

``rule``      what a rule is, and what it looks at
``registry``  every rule there is; a new one is a function and a line there
``page``      the page of the documentation, made from the registry
The others hold the rules, one family a file.
"""
