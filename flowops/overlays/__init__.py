"""Environments: what each changes, in layers, every value with its origin.

``layers``       merge mappings of YAML, child over parent
``templates``    fill ``{{ … }}`` in a sandbox; a secret makes a secret
``environment``  load ``environments/NAME.yaml`` with all it extends
``flow_overlay`` what an environment says about one flow
``property_names`` tell a typo from a new option
"""
