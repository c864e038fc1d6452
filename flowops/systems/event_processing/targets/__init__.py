"""Where bundles of stream flows are put."""
