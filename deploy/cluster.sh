#!/usr/bin/env bash
# Runs the services of docker-compose.yml as plain processes on loopback, with the same settings (deploy/cluster/), for machines
# without a container engine. Stays up until Ctrl-C.
# shellcheck disable=SC2317 # run_... and end_everything are called by name
set -euo pipefail

# shellcheck source=deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
    cat <<'END'
deploy/cluster.sh [--once] [--secrets]

  --once      runs the demo against the first gateway, checks /metrics of all, and ends everything; the exit status tells
  --secrets   only makes the secrets that docker-compose.yml needs, where there are none yet
  --help      this text

Environment
  CRMGRAINS_DATA           data, logs, secrets       .crmgrains-cluster in the repository
  CRMGRAINS_CLUSTER_PORT   the first of 100 ports    8100: gateways at 8101 ..., silos at 8111 ..., PostgreSQL 8132,
                                                     the stand-in CRM 8190, Prometheus 8199
  CRMGRAINS_WORKSPACES     the workspaces' files     deploy/workspaces in the repository
END
}

readonly patience=120 settings="$root/deploy/cluster"

main() {
    read_arguments "$@"
    settle_settings
    if $only_secrets; then
        say "The secrets are in $secrets; now: docker compose up --build"
        return
    fi
    require_dotnet
    require_postgres
    require_free_ports
    end_everything_at_exit
    publish "$CRMGRAINS_DATA/build.log" "$CRMGRAINS_DATA/bin" CrmGrains.Sandbox CrmGrains.Host
    start_services
    show_where_to_look
    if $once; then
        run_once
        exit "$outcome"
    fi
    say "Ctrl-C ends everything."
    signals_mean 0
    keep_up
}

read_arguments() {
    once=false only_secrets=false outcome=0
    local argument
    for argument in "$@"; do
        case "$argument" in
            --once) once=true ;;
            --secrets) only_secrets=true ;;
            --help | -h) usage && exit 0 ;;
            *) usage >&2 && fail "What is '$argument'?" ;;
        esac
    done
}

settle_settings() {
    first_port="${CRMGRAINS_CLUSTER_PORT:-8100}"
    if ! [[ $first_port =~ ^[0-9]{4,5}$ ]] || ((first_port < 1024 || first_port > 65400)); then
        fail "CRMGRAINS_CLUSTER_PORT is '$first_port', but must be 1024 to 65400."
    fi
    export CRMGRAINS_DATA="${CRMGRAINS_DATA:-$root/.crmgrains-cluster}"
    export CRMGRAINS_WORKSPACES="${CRMGRAINS_WORKSPACES:-$root/deploy/workspaces}"
    take_data_folder "$CRMGRAINS_DATA"
    CRMGRAINS_DATA="$(cd "$CRMGRAINS_DATA" && pwd -P)"
    logs="$CRMGRAINS_DATA"
    read_services
    share_settings "$CRMGRAINS_DATA/demo.env" "$(url_of "${gateways[0]}")" "$(url_of sandbox)"
    write_secrets
}

# The names under "services:" of docker-compose.yml, by what they are.
read_services() {
    local name
    gateways=() silos=() has_prometheus=false
    while IFS= read -r name; do
        case "$name" in
            gateway-*) gateways+=("$name") ;;
            silo-*) silos+=("$name") ;;
            prometheus) has_prometheus=true ;;
            postgres | sandbox) ;;
            *) fail "docker-compose.yml has a service '$name', which deploy/cluster.sh has no way to run." ;;
        esac
    done < <(sed -n '/^services:/,/^[a-z]/ s/^  \([a-z0-9-]*\):.*/\1/p' "$root/docker-compose.yml")
    ((${#gateways[@]} > 0 && ${#gateways[@]} < 10 && ${#silos[@]} > 0 && ${#silos[@]} < 20)) ||
        fail "docker-compose.yml should have 1 to 9 gateways and 1 to 19 silos."
}

# What the containers are given beside the committed settings; made once, read by this user only.
write_secrets() {
    secrets="$CRMGRAINS_DATA/secrets.env"
    PGPASSWORD="$(setting "$secrets" PGPASSWORD)"
    [[ -n $PGPASSWORD ]] || PGPASSWORD="$(head -c 24 /dev/urandom | as_hex)"
    (
        umask 077
        say "PGPASSWORD=$PGPASSWORD" "POSTGRES_PASSWORD=$PGPASSWORD" "CRMGRAINS_API_KEY=$CRMGRAINS_API_KEY" \
            "DIAGNOSTIC_SECRET=$DIAGNOSTIC_SECRET" "GENERIC_SECRET=$GENERIC_SECRET" "STRIPE_SECRET=$STRIPE_SECRET" \
            "PARTNER_SECRET=$PARTNER_SECRET" "CRMGRAINS_SANDBOX_WEBHOOKSECRET=$PARTNER_SECRET" >"$secrets.new"
    )
    mv "$secrets.new" "$secrets"
}

port_of() {
    case "$1" in
        gateway-*) say "$((first_port + ${1#gateway-}))" ;;
        silo-*) say "$((first_port + 10 + ${1#silo-}))" ;;
        postgres) say "$((first_port + 32))" ;;
        sandbox) say "$((first_port + 90))" ;;
        prometheus) say "$((first_port + 99))" ;;
    esac
}

url_of() { say "http://127.0.0.1:$(port_of "$1")"; }

require_free_ports() {
    local name
    for name in postgres sandbox "${gateways[@]}" "${silos[@]}" prometheus; do
        require_free_port "$(url_of "$name")" CRMGRAINS_CLUSTER_PORT
    done
}

# ---- Services ---------------------------------------------------------------------------------------------------------------

start_services() {
    local name
    prepare_postgres
    say "Starting PostgreSQL, the stand-in CRM, ${gateways[*]} and ${silos[*]} ..."
    start_first postgres
    start_first sandbox
    wait_for_postgres
    for name in "${gateways[@]}" "${silos[@]}"; do
        define_host "$name"
        start_first "$name"
    done
    wait_until_it_answers sandbox "$(url_of sandbox)" /healthz "$patience"
    for name in "${gateways[@]}" "${silos[@]}"; do wait_until_it_answers "$name" "$(url_of "$name")" /readyz "$patience"; done
    start_prometheus
}

# A service's settings are the same files that docker-compose.yml names for it.
use_settings() {
    local file
    for file in "$@"; do
        set -a
        # shellcheck source=/dev/null
        . "$file"
        set +a
    done
}

define_host() { eval "run_${1//-/_}() { run_host $1; }"; }

run_host() {
    use_settings "$settings/common.env" "$settings/${1%-*}.env"
    export PGPASSWORD CRMGRAINS_POSTGRES CRMGRAINS_URLS
    CRMGRAINS_POSTGRES="Host=127.0.0.1;Port=$(port_of postgres)"
    CRMGRAINS_URLS="$(url_of "$1")"
    alone dotnet "$CRMGRAINS_DATA/bin/CrmGrains.Host/crmgrains.dll" serve
}

run_sandbox() {
    use_settings "$settings/sandbox.env"
    export CRMGRAINS_SANDBOX_STATE="$CRMGRAINS_DATA/sandbox.json"
    alone dotnet "$CRMGRAINS_DATA/bin/CrmGrains.Sandbox/crmgrains-sandbox.dll" --urls "$(url_of sandbox)"
}

run_demo() { alone dotnet "$CRMGRAINS_DATA/bin/CrmGrains.Host/crmgrains.dll" demo; }

# ---- PostgreSQL -------------------------------------------------------------------------------------------------------------

# Makes the cluster where there is none. PostgreSQL refuses to run as root, who runs it as its own user.
prepare_postgres() {
    postgres_programs="$(find_postgres)"
    postgres_folder="$CRMGRAINS_DATA/postgres"
    postgres_user=()
    if ((EUID == 0)); then
        postgres_user=(--reuid=postgres --regid=postgres --init-groups)
        setpriv "${postgres_user[@]}" test -x "$CRMGRAINS_DATA" ||
            fail "PostgreSQL runs as the user postgres, who can't reach $CRMGRAINS_DATA. Set CRMGRAINS_DATA to a folder outside of closed ones such as /root."
    fi
    # A copy, since the tree may lie where that user can't go.
    cp "$settings/postgresql.conf" "$CRMGRAINS_DATA/postgresql.conf"
    chmod a+r "$CRMGRAINS_DATA/postgresql.conf"
    [[ -f $postgres_folder/PG_VERSION ]] || make_postgres
}

# The database and its superuser are named as the container names them.
make_postgres() {
    say "Making a PostgreSQL cluster ..."
    local unfinished="$postgres_folder.new" password="$CRMGRAINS_DATA/password.new"
    rm -rf "$unfinished"
    mkdir -m 700 "$unfinished"
    (umask 077 && say "$PGPASSWORD" >"$password")
    ((EUID != 0)) || chown postgres "$unfinished" "$password"
    if ! (use_settings "$settings/common.env" && cd / && initialize "$unfinished" "$password") >"$logs/initdb.log" 2>&1; then
        tail -n 20 "$logs/initdb.log" >&2
        fail "initdb failed; see above."
    fi
    rm "$password"
    mv "$unfinished" "$postgres_folder"
}

initialize() {
    setpriv "${postgres_user[@]}" "$postgres_programs/initdb" --pgdata "$1" --username="$PGUSER" --pwfile="$2" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-instructions &&
        say "CREATE DATABASE $PGDATABASE;" | setpriv "${postgres_user[@]}" "$postgres_programs/postgres" --single -D "$1" postgres
}

# SIGINT, when we are killed, is its fast shutdown: SIGTERM would wait for the clients.
run_postgres() {
    cd /
    run_as=("${postgres_user[@]}") end_signal=INT
    alone "$postgres_programs/postgres" -D "$postgres_folder" -c "config_file=$CRMGRAINS_DATA/postgresql.conf" \
        -c "data_directory=$postgres_folder" -c "hba_file=$postgres_folder/pg_hba.conf" -c "ident_file=$postgres_folder/pg_ident.conf" \
        -c listen_addresses=127.0.0.1 -c "port=$(port_of postgres)" -c unix_socket_directories=
}

# The eighth line of its pid file says when it takes connections.
wait_for_postgres() {
    local deadline=$((SECONDS + patience))
    until [[ $(sed -n 8p "$postgres_folder/postmaster.pid" 2>/dev/null) == ready* ]]; do
        is_running postgres || give_up postgres "ended at once."
        ((SECONDS < deadline)) || give_up postgres "wasn't ready within $patience s."
        sleep 0.1
    done
}

# ---- Prometheus -------------------------------------------------------------------------------------------------------------

start_prometheus() {
    if ! $has_prometheus; then return; fi
    if ! command -v prometheus >/dev/null; then
        say "Prometheus is not installed, so nothing scrapes the metrics (apt-get install -y --no-install-recommends prometheus)."
        has_prometheus=false
        return
    fi
    mkdir -p "$CRMGRAINS_DATA/prometheus"
    write_prometheus_settings
    start_first prometheus
    wait_until_it_answers prometheus "$(url_of prometheus)" /-/ready "$patience"
}

# prometheus.yml with our addresses in the place of the containers'.
write_prometheus_settings() {
    local name edits=(-e "s|deploy/prometheus/|$root/deploy/prometheus/|")
    for name in "${gateways[@]}" "${silos[@]}"; do edits+=(-e "s|$name:8080|127.0.0.1:$(port_of "$name")|"); done
    sed "${edits[@]}" "$root/prometheus.yml" >"$CRMGRAINS_DATA/prometheus.yml"
}

run_prometheus() {
    alone prometheus --config.file="$CRMGRAINS_DATA/prometheus.yml" --storage.tsdb.path="$CRMGRAINS_DATA/prometheus" \
        --web.listen-address="127.0.0.1:$(port_of prometheus)"
}

# ---- What it is for ---------------------------------------------------------------------------------------------------------

show_where_to_look() {
    local name
    say "" "All are up"
    for name in "${gateways[@]}" "${silos[@]}" sandbox; do say "  $name  $(url_of "$name")   pid ${pid_of[$name]}"; done
    if $has_prometheus; then say "  prometheus  $(url_of prometheus)   pid ${pid_of[prometheus]}"; fi
    say "  postgres  127.0.0.1:$(port_of postgres)   pid ${pid_of[postgres]}; its password: $secrets" \
        "  logs: $logs/*.log; for clients: $CRMGRAINS_DATA/demo.env" ""
}

run_once() {
    start_shown demo
    keep_up demo || outcome=$?
    check_metrics
    if ((outcome == 0)); then say "" "The cluster did as it should."; else complain "" "The cluster didn't do as it should."; fi
}

check_metrics() {
    local name status
    for name in "${gateways[@]}" "${silos[@]}"; do
        status="$(http_status "$(url_of "$name")" /metrics)"
        [[ $status == 200 ]] || { complain "$name answers /metrics with ${status:-nothing}."; outcome=1; }
    done
}

# Those that take work first, those that they need last.
end_everything() {
    local name
    ((${#started[@]} == 0)) || say "" "Ending everything ..."
    stop demo 5
    for name in "${gateways[@]}" "${silos[@]}"; do stop "$name" 45; done
    stop prometheus 15
    stop sandbox 15
    if is_running postgres; then kill -INT "${pid_of[postgres]}"; fi
    stop postgres 60
}

main "$@"
