#!/usr/bin/env bash
# The image's health check: 0 if the node answers /health/live with 200, else 1. Whose certificate it shows is no question of
# health, and nothing secret is sent.
port=${SERVER_PORT:-8080}
request='GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n'
if [[ -n ${RAFT_TLS:-} ]]; then
    read -r _ status _ < <(printf "$request" | openssl s_client -quiet -connect "127.0.0.1:$port" 2>/dev/null)
else
    exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
    printf "$request" >&3
    read -r _ status _ <&3
fi
[[ $status == 200 ]]
