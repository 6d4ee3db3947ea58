// What Grafana's data sources Infinity and "WebSocket API" ask a device, from their settings: the same libraries make the same requests.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"

	"github.com/gorilla/websocket"
)

// infinity TOKEN URL: the answer to one query.
func infinity(token, text string) {
	address, err := url.Parse(text)
	if err != nil {
		log.Fatal(err)
	}
	address.RawQuery = address.Query().Encode() // sorted, and all escaped
	request, err := http.NewRequest(http.MethodGet, address.String(), nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Status, " ", string(body), err)
	}
	fmt.Println(string(body))
}

// stream TOKEN HOST PATH NAME=VALUE...: its messages, a line each.
func stream(token, host, panel string, parameters []string) {
	address, err := url.Parse(host)
	if err != nil {
		log.Fatal(err)
	}
	address.Path = path.Join(address.Path, panel)
	query := url.Values{}
	for _, parameter := range parameters {
		name, value, _ := strings.Cut(parameter, "=")
		query.Add(name, value)
	}
	address.RawQuery = query.Encode()
	socket, answer, err := websocket.DefaultDialer.Dial(address.String(), http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		log.Fatal(answer, err)
	}
	for {
		_, message, err := socket.ReadMessage()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(message))
	}
}

func main() {
	switch os.Args[1] {
	case "infinity":
		infinity(os.Args[2], os.Args[3])
	case "stream":
		stream(os.Args[2], os.Args[3], os.Args[4], os.Args[5:])
	}
}
