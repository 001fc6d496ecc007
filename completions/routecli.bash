# Completion of routecli for bash. Made by `python -m routecli.cli.generate`; a test compares.
_routecli() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local at='' options='' words='' files='' known=1 i
    if [[ $current == '=' ]]; then
        current=''
    elif [[ $previous == '=' ]]; then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$at/${COMP_WORDS[i]}" in
            /show) at=show ;;
            /history) at=history ;;
            /models) at=models ;;
            /config) at=config ;;
            config/init) at='config init' ;;
            config/show) at='config show' ;;
            config/path) at='config path' ;;
            config/check) at='config check' ;;
            /trust) at=trust ;;
            trust/show) at='trust show' ;;
            trust/add) at='trust add' ;;
            trust/remove) at='trust remove' ;;
            /completion) at=completion ;;
        esac
    done
    case "$at/$previous" in
        /--config) files=1 ;;
        /--profile) words='' ;;
        show/--config) files=1 ;;
        show/--profile) words='' ;;
        history/--limit|history/-n) words='' ;;
        history/--config) files=1 ;;
        history/--profile) words='' ;;
        models/--config) files=1 ;;
        models/--profile) words='' ;;
        config/--config) files=1 ;;
        config/--profile) words='' ;;
        'config init/--preset') words='anthropic deepseek-anthropic five-tiers local-first openai openrouter' ;;
        'config init/--config') files=1 ;;
        'config init/--profile') words='' ;;
        'config show/--config') files=1 ;;
        'config show/--profile') words='' ;;
        'config path/--config') files=1 ;;
        'config path/--profile') words='' ;;
        'config check/--config') files=1 ;;
        'config check/--profile') words='' ;;
        trust/--config) files=1 ;;
        trust/--profile) words='' ;;
        'trust show/--config') files=1 ;;
        'trust show/--profile') words='' ;;
        'trust add/--config') files=1 ;;
        'trust add/--profile') words='' ;;
        'trust remove/--config') files=1 ;;
        'trust remove/--profile') words='' ;;
        completion/--config) files=1 ;;
        completion/--profile) words='' ;;
        *) known='' ;;
    esac
    [[ $known ]] || case "$at" in
        '') options='--version --config --profile --quiet -q --verbose -v --no-color --help -h'; words='show history models config trust completion' ;;
        show) options='--patch --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        history) options='--limit -n --here --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        models) options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        config) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='init show path check' ;;
        'config init') options='--preset --force --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'config show') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'config path') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'config check') options='--offline --json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        trust) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='show add remove' ;;
        'trust show') options='--json --config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'trust add') options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        'trust remove') options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='' ;;
        completion) options='--config --profile --quiet -q --verbose -v --no-color --help -h'; words='bash zsh fish' ;;
    esac
    [[ $current == -* && ! $known ]] && words=$options files=''
    local IFS=$' \t\n'
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    if [[ $files ]]; then
        compopt -o filenames 2>/dev/null
        IFS=$'\n'
        COMPREPLY+=($(compgen -f -- "$current"))
    fi
}
complete -F _routecli routecli
