# Sourced by tests/bench/run: the same work by Ombud and by a real Redmine 5, in turns on this machine.

peer_tickets=50000
peer_operations="create read list search"
redmine_state=

# Fills Redmine's database up to so many issues, with the same kind of text as ours.
seed_redmine() {
  sqlite3 -cmd '.timeout 20000' "$redmine_state/redmine.db" >/dev/null <<END
CREATE TEMP TABLE common AS SELECT * FROM (VALUES ('printer'), ('vpn'), ('laptop'), ('password'), ('reset'),
  ('invoice'), ('server'), ('outage'), ('email'), ('license'), ('monitor'), ('keyboard'), ('network'),
  ('slow'), ('error'), ('login'), ('account'), ('access'), ('request'), ('toner'));
WITH RECURSIVE
  n(i) AS (SELECT coalesce(max(id), 0) + 1 FROM issues UNION ALL SELECT i + 1 FROM n WHERE i < $1),
  place(p) AS (SELECT 1 UNION ALL SELECT p + 1 FROM place WHERE p < 80)
INSERT INTO issues (id, tracker_id, project_id, subject, description, status_id, priority_id, author_id,
  lock_version, created_on, updated_on, done_ratio, root_id, lft, rgt, is_private)
SELECT i, (SELECT min(id) FROM trackers), (SELECT id FROM projects WHERE identifier = 'ombud-test'),
  'Printer ' || i || ' broken',
  substr((SELECT group_concat(CASE WHEN abs(random() + 0 * i) % 100 < 8
      THEN printf('w%04d', abs(random()) % 2000)
      ELSE (SELECT column1 FROM common WHERE rowid = 1 + abs(random() + 0 * p) % 20) END, ' ')
    FROM place), 1, 500),
  (SELECT min(id) FROM issue_statuses WHERE NOT is_closed), (SELECT min(id) FROM enumerations WHERE type = 'IssuePriority'),
  (SELECT id FROM users WHERE login = 'ombud'), 0,
  strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || (abs(random()) % 200) || ' days'),
  strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || (abs(random()) % 200) || ' days'),
  0, i, 1, 2, 0
FROM n WHERE i <= $1;
ANALYZE;
END
}

# peer WHO OPERATION CONNECTIONS: one round, with the processor time it took.
peer() {
  local who=$1 operation=$2 c=$3 url pid
  if [ "$who" = ombud ]; then
    url=http://127.0.0.1:$hub_port pid=$hub_pid
    export HEADERS="Authorization: Bearer $agent_token"
    export BODY; BODY=$(ticket_body plain)
  else
    url=$OMBUD_TEST_REDMINE_URL pid=$redmine_pid
    export HEADERS="X-Redmine-API-Key: $OMBUD_TEST_REDMINE_KEY"
    export BODY='{"issue":{"project_id":"ombud-test","subject":"Printer @N@ broken","description":"@TEXT@"}}'
  fi
  case $who.$operation in
    ombud.create) export TARGET=/api/v1/tickets ;;
    ombud.read) export TARGET=/api/v1/tickets/@ID@ ;;
    ombud.list) export TARGET="/api/v1/tickets?open=true&limit=25" ;;
    ombud.search) export TARGET="/api/v1/tickets?q=@WORD@&limit=25" ;;
    redmine.create) export TARGET=/issues.json ;;
    redmine.read) export TARGET=/issues/@ID@.json ;;
    redmine.list) export TARGET="/issues.json?status_id=open&limit=25&sort=id:desc" ;;
    redmine.search) export TARGET="/search.json?q=@WORD@&issues=1&limit=25" ;;
  esac
  local script=get
  [ "$operation" != create ] || script=post
  LAST=$peer_tickets load "peer.$who.$operation.$c" $script "$c" "$url" "$pid"
}

measure_peers() {
  step "Beside Redmine at $peer_tickets tickets"
  redmine_state=$work/redmine
  local lines round operation c who
  lines=$(tests/real/redmine-setup "$redmine_state") || fail "Redmine could not be set up"
  eval "$lines"
  redmine_pid=$(cat "$redmine_state/pid")
  seed_redmine "$peer_tickets"
  seed peer "$peer_tickets"
  hub peer
  sleep 1
  put peer.ombud.idle_kib "$(pss_kib $(tree "$hub_pid"))"
  put peer.redmine.idle_kib "$(pss_kib $(tree "$redmine_pid"))"
  for round in $(seq "$rounds"); do
    for operation in read list search create; do
      for c in 1 8; do
        for who in ombud redmine; do peer $who $operation $c; done
      done
    done
  done
  put peer.ombud.loaded_kib "$(pss_kib $(tree "$hub_pid"))"
  put peer.redmine.loaded_kib "$(pss_kib $(tree "$redmine_pid"))"
  stop "$hub_pid"
  tests/real/redmine-stop "$redmine_state" >/dev/null 2>&1 || true
  for operation in $peer_operations; do
    for c in 1 8; do
      put "peer.$operation.$c.ratio" \
        "$(ratio "peer.ombud.$operation.$c.per_second" "peer.redmine.$operation.$c.per_second")"
      put "peer.$operation.$c.cpu_ratio" \
        "$(ratio "peer.redmine.$operation.$c.cpu_us" "peer.ombud.$operation.$c.cpu_us")"
    done
  done
}

print_peers() {
  title "Beside Redmine 5 at $peer_tickets tickets"
  row "" "Ombud: req/s" "p50 ms" "p99 ms" "CPU us" "Redmine: /s" "p50 ms" "p99 ms" "CPU us" "req/s ratio" "CPU ratio"
  local operation c who cells
  for operation in $peer_operations; do
    for c in 1 8; do
      cells=()
      for who in ombud redmine; do
        cells+=("$(number peer.$who.$operation.$c.per_second 1)" "$(number peer.$who.$operation.$c.p50 2)"
                "$(number peer.$who.$operation.$c.p99 2)" "$(number peer.$who.$operation.$c.cpu_us)")
      done
      row "$operation, c=$c" "${cells[@]}" "$(number peer.$operation.$c.ratio)" "$(number peer.$operation.$c.cpu_ratio)"
    done
  done
  for who in ombud redmine; do
    row "memory of $who, MiB" "$((${figure[peer.$who.idle_kib]} / 1024)) idle" "$((${figure[peer.$who.loaded_kib]} / 1024)) loaded"
  done
  echo "  Redmine as tests/real/redmine-setup makes it: one puma process with 2 to 4 threads, SQLite."
}
