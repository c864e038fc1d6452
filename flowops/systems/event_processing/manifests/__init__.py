"""What Kubernetes is told of a flow: the manifests of three ways to run it."""
