"""A namespace of a Kubernetes cluster as a target, where an operator runs the jobs.

What the job reads lies in a Secret of its own for each run, which never changes. The
FlinkDeployment points to one of them, so that going back is pointing back.
"""
