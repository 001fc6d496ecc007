# Completion of routecli for bash. Made by `python -m routecli.cli.generate`; a test compares.
_routecli() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local at='' options='' words='' files='' runs='' tiers='' known=1 i
    if [[ $current == '=' ]]; then
        current=''
    elif [[ $previous == '=' ]]; then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$at/${COMP_WORDS[i]}" in
            /run) at=run ;;
            /again) at=again ;;
            /apply) at=apply ;;
            /undo) at=undo ;;
            /redo) at=redo ;;
            /hook) at=hook ;;
            hook/install) at='hook install' ;;
            hook/uninstall) at='hook uninstall' ;;
            hook/run) at='hook run' ;;
            hook/status) at='hook status' ;;
            /demo) at=demo ;;
            /ask) at=ask ;;
            /review) at=review ;;
            /estimate) at=estimate ;;
            /checks) at=checks ;;
            checks/show) at='checks show' ;;
            checks/run) at='checks run' ;;
            checks/adopt) at='checks adopt' ;;
            /show) at=show ;;
            /last) at=last ;;
            /history) at=history ;;
            /stats) at=stats ;;
            /export) at=export ;;
            /serve-metrics) at=serve-metrics ;;
            /receipt) at=receipt ;;
            /budget) at=budget ;;
            budget/show) at='budget show' ;;
            budget/set) at='budget set' ;;
            /feedback) at=feedback ;;
            /forget) at=forget ;;
            /ledger) at=ledger ;;
            ledger/path) at='ledger path' ;;
            ledger/check) at='ledger check' ;;
            ledger/prune) at='ledger prune' ;;
            ledger/migrate) at='ledger migrate' ;;
            /alerts) at=alerts ;;
            /eval) at=eval ;;
            eval/make) at='eval make' ;;
            eval/run) at='eval run' ;;
            eval/show) at='eval show' ;;
            eval/advise) at='eval advise' ;;
            /models) at=models ;;
            models/review) at='models review' ;;
            models/show) at='models show' ;;
            /simulate) at=simulate ;;
            simulate/plan) at='simulate plan' ;;
            simulate/replay) at='simulate replay' ;;
            simulate/whatif) at='simulate whatif' ;;
            /config) at=config ;;
            config/init) at='config init' ;;
            config/import) at='config import' ;;
            config/show) at='config show' ;;
            config/path) at='config path' ;;
            config/check) at='config check' ;;
            /doctor) at=doctor ;;
            /alias) at=alias ;;
            /trust) at=trust ;;
            trust/show) at='trust show' ;;
            trust/add) at='trust add' ;;
            trust/remove) at='trust remove' ;;
            /completion) at=completion ;;
        esac
    done
    case "$at/$previous" in
        run/--task-file) files=1 ;;
        run/--tier) tiers=1 ;;
        run/--max-tier) tiers=1 ;;
        run/--attempts) words='' ;;
        run/--budget) words='' ;;
        run/--kind) words='fix feature refactor rename docstring types tests format lint imports boilerplate docs dependency dead-code performance security architecture other' ;;
        run/--policy) words='auto thresholds hint class static cascade expected-cost' ;;
        run/--hint) words='' ;;
        run/--lane) words='' ;;
        run/--test-cmd) words='' ;;
        run/--lint-cmd) words='' ;;
        run/--accept) words='' ;;
        run/--bench) words='' ;;
        run/--watch) words='' ;;
        run/--reproduce) words='' ;;
        run/--require) words='' ;;
        run/--suite) words='' ;;
        run/--timeout) words='' ;;
        run/--output) words='text json jsonl' ;;
        again/--tier) tiers=1 ;;
        again/--budget) words='' ;;
        apply/--run) words='' ;;
        'hook run'/--fix) words='off offer stage' ;;
        ask/--question-file) files=1 ;;
        ask/--tier) tiers=1 ;;
        ask/--max-tier) tiers=1 ;;
        ask/--budget) words='' ;;
        ask/--policy) words='auto thresholds hint class static cascade expected-cost' ;;
        ask/--hint) words='' ;;
        review/--tier) tiers=1 ;;
        review/--max-tier) tiers=1 ;;
        review/--budget) words='' ;;
        review/--policy) words='auto thresholds hint class static cascade expected-cost' ;;
        review/--hint) words='' ;;
        review/--format) words='text json sarif' ;;
        review/--fail-on) words='note warning error' ;;
        estimate/--task-file) files=1 ;;
        estimate/--tier) tiers=1 ;;
        estimate/--max-tier) tiers=1 ;;
        estimate/--kind) words='fix feature refactor rename docstring types tests format lint imports boilerplate docs dependency dead-code performance security architecture other' ;;
        estimate/--policy) words='auto thresholds hint class static cascade expected-cost' ;;
        estimate/--hint) words='' ;;
        estimate/--lane) words='' ;;
        estimate/--budget) words='' ;;
        'checks show'/--test-cmd) words='' ;;
        'checks show'/--lint-cmd) words='' ;;
        'checks run'/--test-cmd) words='' ;;
        'checks run'/--lint-cmd) words='' ;;
        'checks run'/--timeout) words='' ;;
        history/--limit|history/-n) words='' ;;
        stats/--days) words='' ;;
        stats/--by) words='day tier kind repository model user' ;;
        stats/--html) files=1 ;;
        export/--format) words='csv jsonl prometheus statsd otlp sft' ;;
        export/--days) words='' ;;
        export/--out) files=1 ;;
        export/--to) words='' ;;
        export/--min-strength) words='weak tested proven' ;;
        serve-metrics/--port) words='' ;;
        forget/--before) words='' ;;
        'ledger prune'/--older) words='' ;;
        alerts/--days) words='' ;;
        'eval make'/--from) words='git runs' ;;
        'eval make'/--limit|'eval make'/-n) words='' ;;
        'eval run'/--tier) tiers=1 ;;
        'eval run'/--budget) words='' ;;
        'eval run'/--jobs|'eval run'/-j) words='' ;;
        'eval run'/--limit|'eval run'/-n) words='' ;;
        'eval advise'/--tier) tiers=1 ;;
        'models review'/--suite) files=1 ;;
        'models review'/--outcomes) files=1 ;;
        'simulate plan'/--file) files=1 ;;
        'simulate plan'/--mix) words='' ;;
        'simulate plan'/--tasks) words='' ;;
        'simulate plan'/--input) words='' ;;
        'simulate plan'/--output) words='' ;;
        'simulate plan'/--right) words='' ;;
        'simulate plan'/--draws) words='' ;;
        'simulate plan'/--svg) files=1 ;;
        'simulate plan'/--html) files=1 ;;
        'simulate plan'/--csv) files=1 ;;
        'simulate replay'/--outcomes) files=1 ;;
        'simulate replay'/--policy) words='' ;;
        'simulate replay'/--tiers) words='' ;;
        'simulate replay'/--top) words='' ;;
        'simulate replay'/--detection|'simulate replay'/-d) words='' ;;
        'simulate replay'/--false-alarm) words='' ;;
        'simulate replay'/--tolerance) words='' ;;
        'simulate replay'/--dataset) words='' ;;
        'simulate replay'/--svg) files=1 ;;
        'simulate replay'/--html) files=1 ;;
        'simulate replay'/--csv) files=1 ;;
        'simulate whatif'/--days) words='' ;;
        'simulate whatif'/--policy) words='auto thresholds hint class static cascade expected-cost' ;;
        'simulate whatif'/--svg) files=1 ;;
        'simulate whatif'/--html) files=1 ;;
        'simulate whatif'/--csv) files=1 ;;
        'config init'/--preset) words='anthropic deepseek-anthropic five-tiers local-first openai openrouter' ;;
        alias/--name) words='' ;;
        */--config) files=1 ;;
        */--profile) words='' ;;
        *) known='' ;;
    esac
    [[ $known ]] || case "$at" in
        '') options='--version --config --profile --quiet -q --verbose -v --no-color --help -h'; words='run again apply undo redo hook demo ask review estimate checks show last history stats export serve-metrics receipt budget feedback forget ledger alerts eval models simulate config doctor alias trust completion' ;;
        run) options='--task-file --words --tier --max-tier --attempts --budget --kind --policy --hint --lane --test-cmd --lint-cmd --accept --bench --watch --no-tests --no-lint --reproduce --require --no-probe --suite --with-test --second-opinion --no-second-opinion --timeout --dry-run --explain --debug --patch-only --commit --yes -y --allow-unpriced --unsafe-no-sandbox --output --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        again) options='--tier --budget --patch-only --yes -y --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; runs=1 ;;
        apply) options='--run --check --verify --reverse --yes -y --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        undo) options='--list -l --patch --yes -y --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        redo) options='--patch --yes -y --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        hook) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='install uninstall run status' ;;
        'hook install') options='--shared --config --profile --quiet -q --verbose -v --no-color --help -h'; words='pre-commit pre-merge-commit prepare-commit-msg pre-push' ;;
        'hook uninstall') options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='pre-commit pre-merge-commit prepare-commit-msg pre-push' ;;
        'hook run') options='--fix --config --profile --quiet -q --verbose -v --no-color --help -h'; words='pre-commit pre-merge-commit prepare-commit-msg pre-push' ;;
        'hook status') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        demo) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        ask) options='--question-file --words --tier --max-tier --budget --policy --hint --dry-run --allow-unpriced --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        review) options='--tier --max-tier --budget --policy --hint --format --fail-on --dry-run --allow-unpriced --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        estimate) options='--task-file --tier --max-tier --kind --policy --hint --lane --budget --show-context --explain --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        checks) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='show run adopt' ;;
        'checks show') options='--test-cmd --lint-cmd --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        'checks run') options='--test-cmd --lint-cmd --no-tests --no-lint --timeout --fresh --unsafe-no-sandbox --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        'checks adopt') options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        show) options='--patch --reprice --prompts --explain --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; runs=1 ;;
        last) options='--patch --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        history) options='--limit -n --here --ids --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        stats) options='--days --by --here --html --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        export) options='--format --days --here --out --to --min-strength --bare --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        serve-metrics) options='--port --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        receipt) options='--markdown --reprice --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; runs=1 ;;
        budget) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='show set' ;;
        'budget show') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'budget set') options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        feedback) options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='good bad reverted unknown'; runs=1 ;;
        forget) options='--all --before --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        ledger) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='path check prune migrate' ;;
        'ledger path') options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'ledger check') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'ledger prune') options='--older --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'ledger migrate') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        alerts) options='--days --check --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        eval) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='make run show advise' ;;
        'eval make') options='--from --limit -n --no-check --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        'eval run') options='--tier --budget --jobs -j --limit -n --unsafe-no-sandbox --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        'eval show') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        'eval advise') options='--tier --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        models) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='review show' ;;
        'models review') options='--suite --outcomes --apply --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'models show') options='--refresh --names --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        simulate) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='plan replay whatif' ;;
        'simulate plan') options='--list --file --mix --tasks --input --output --right --draws --json --svg --html --csv --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'simulate replay') options='--outcomes --policy --tiers --top --detection -d --false-alarm --tolerance --dataset --d-curve --json --svg --html --csv --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'simulate whatif') options='--days --policy --json --svg --html --csv --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        config) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='init import show path check' ;;
        'config init') options='--preset --force --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'config import') options='--print --force --config --profile --quiet -q --verbose -v --no-color --help -h'; words=''; files=1 ;;
        'config show') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'config path') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'config check') options='--offline --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        doctor) options='--call --offline --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        alias) options='--name --install --remove --config --profile --quiet -q --verbose -v --no-color --help -h'; words='bash zsh fish' ;;
        trust) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='show add remove' ;;
        'trust show') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'trust add') options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'trust remove') options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        completion) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='bash zsh fish' ;;
    esac
    [[ $current == -* && ! $known ]] && words=$options files='' runs=''
    [[ $runs ]] && words="$words last $(routecli history --ids 2>/dev/null)"
    [[ $tiers ]] && words=$(routecli models show --names 2>/dev/null)
    local IFS=$' \t\n'
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    if [[ $files ]]; then
        compopt -o filenames 2>/dev/null
        IFS=$'\n'
        COMPREPLY+=($(compgen -f -- "$current"))
    fi
}
complete -F _routecli routecli
