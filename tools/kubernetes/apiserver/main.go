// Apiserver is the API server of Kubernetes and its etcd in one program, for tests.
//
// The first argument is a folder for what they keep, the others are the server's own.
package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	store, err := startStore(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	command := app.NewAPIServerCommand()
	command.SetArgs(append([]string{"--etcd-servers=" + store}, os.Args[2:]...))
	os.Exit(cli.Run(command))
}

// startStore starts etcd on free ports of loopback and returns its address.
func startStore(folder string) (string, error) {
	here := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	configuration := embed.NewConfig()
	configuration.Dir = filepath.Join(folder, "etcd")
	configuration.LogLevel = "error"
	configuration.UnsafeNoFsync = true
	configuration.ListenClientUrls, configuration.AdvertiseClientUrls = here, here
	configuration.ListenPeerUrls, configuration.AdvertisePeerUrls = here, here
	configuration.InitialCluster = configuration.InitialClusterFromName(configuration.Name)
	server, err := embed.StartEtcd(configuration)
	if err != nil {
		return "", err
	}
	select {
	case <-server.Server.ReadyNotify():
		return "http://" + server.Clients[0].Addr().String(), nil
	case <-time.After(time.Minute):
		return "", errors.New("etcd did not start in a minute")
	}
}
