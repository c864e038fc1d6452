"""Environments: what each changes, in layers, every value with its origin.

``layers``       merge mappings of YAML, child over parent
``templates``    fill ``{{ … }}`` in a sandbox; a secret makes a secret
``variables``    read variables and secrets; a variable may be a template, too
``idle``         tell which of them fill nothing
``environment``  load ``environments/NAME.yaml`` with all it extends
``flow_overlay`` what an environment says about one flow
``property_names`` tell a typo from a new option
"""
