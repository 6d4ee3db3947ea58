// Go's own HTTP server with gorilla/websocket, as the package's chat example has it: a goroutine reads each
// connection, and one writes to those that are told something.
package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{WriteBufferPool: &sync.Pool{}}

func echo(answer http.ResponseWriter, request *http.Request) {
	socket, err := upgrader.Upgrade(answer, request, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	for {
		kind, message, err := socket.ReadMessage()
		if err != nil || socket.WriteMessage(kind, message) != nil {
			return
		}
	}
}

// Who listens, each by the queue of what it is still to be sent, and what they are told.
type listeners struct {
	mutex  sync.Mutex
	queues map[chan *websocket.PreparedMessage]struct{}
	texts  [][]byte
}

func (all *listeners) serve(answer http.ResponseWriter, request *http.Request) {
	socket, err := upgrader.Upgrade(answer, request, nil)
	if err != nil {
		return
	}
	queue := make(chan *websocket.PreparedMessage, 16*len(all.texts))
	all.mutex.Lock()
	all.queues[queue] = struct{}{}
	all.mutex.Unlock()
	go func() {
		for message := range queue {
			if socket.WritePreparedMessage(message) != nil {
				socket.Close()
			}
		}
		socket.Close()
	}()
	for {
		if _, _, err := socket.NextReader(); err != nil {
			break
		}
	}
	all.mutex.Lock()
	delete(all.queues, queue)
	close(queue)
	all.mutex.Unlock()
}

func (all *listeners) tell() {
	for range time.Tick(100 * time.Millisecond) {
		for _, text := range all.texts {
			message, err := websocket.NewPreparedMessage(websocket.TextMessage, text)
			if err != nil {
				log.Fatal(err)
			}
			all.mutex.Lock()
			for queue := range all.queues {
				select {
				case queue <- message:
				default: // it is too slow for this one
				}
			}
			all.mutex.Unlock()
		}
	}
}

func serve(path string, texts [][]byte) {
	all := listeners{queues: map[chan *websocket.PreparedMessage]struct{}{}, texts: texts}
	go all.tell()
	http.HandleFunc(path, all.serve)
}

func read(file string) []byte {
	text, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	return text
}

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: gorilla CERTIFICATE KEY BROADCAST WIDGETS")
	}
	http.HandleFunc("/echo", echo)
	serve("/broadcast", [][]byte{read(os.Args[3])})
	serve("/widgets", bytes.Split(bytes.TrimSpace(read(os.Args[4])), []byte("\n")))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	go func() { // valgrind does not survive a signal that Go takes
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	server := http.Server{TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13}, ErrorLog: log.New(io.Discard, "", 0)}
	log.Fatal(server.ServeTLS(listener, os.Args[1], os.Args[2]))
}
