# fish completion for mqtt-bridge

complete -c mqtt-bridge -f
function __mqtt_bridge_live
    set -l raw "$(commandline -ct)"
    set -l word (string unescape -- $raw; or string unescape -- $raw\'; or string unescape -- $raw\")
    printf '%s\0' (commandline -opc) "$word" |
        command mqtt-bridge $argv[2..-1] --complete fish $argv[1] 2>/dev/null
end

function __mqtt_bridge_begins
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

complete -c mqtt-bridge -n __fish_is_first_token -a import -d 'turn mosquitto\'s bridges into a configuration'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -s c -l config -x -a '(__fish_complete_suffix .toml)' -d 'the bridge that this file describes'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l check -d 'only check, and tell what would be done'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l dry-run -x -d 'only tell where TOPIC would go, and why'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l from -x -a '(__fish_print_hostnames)' -d 'server to carry messages from'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l to -x -a '(__fish_print_hostnames)' -d 'server to carry them to'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l both -d 'carry messages the other way too'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l name -x -d 'name of the bridge'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l store -x -a 'disk through memory' -d 'when a message is safe: disk, through or memory'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l store-path -r -F -d 'the store on disk'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -s t -l topic -x -d 'topics to carry'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l topic-map -x -d 'topics to carry under other names'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l exclude -x -d 'topics to leave out'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -s q -l qos -x -a '0 1 2' -d 'highest QoS to carry messages with'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l cafile -r -F -d 'trust the authorities in FILE (PEM)'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l capath -x -a '(__fish_complete_directories)' -d 'trust the authorities in DIRECTORY'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l crlfile -r -F -d 'refuse certificates revoked in FILE (PEM)'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l cert -r -F -d 'our certificate: PEM, PKCS#12 or pkcs11:'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l key -r -F -d 'our private key, if not with --cert'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l key-password -x -d 'password of the key (better: a file)'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l key-password-file -r -F -d 'read the key\'s password from FILE'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l insecure -d 'do not verify the server\'s certificate'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l tls-version -x -a '1.2 1.3 tlsv1.2 tlsv1.3' -d 'use only this version of TLS'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l ciphers -x -d 'ciphers to offer, OpenSSL\'s names'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l tls-alpn -x -d 'protocol to ask for (ALPN)'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l sni -x -d 'name to ask for, and to find in the certificate'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l psk -x -d 'pre-shared key instead of certificates'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l psk-identity -x -d 'identity of the pre-shared key'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l tls-keylog -r -F -d 'write session secrets to FILE, for Wireshark'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -s d -l debug -d 'show every packet on standard error'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l quiet -d 'no text of errors or warnings'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l log-format -x -a 'text json' -d 'how to write errors and notices: text or json'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -s o -l options-file -r -F -d 'read options from FILE, not from the default file'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l generate -x -a 'man bash zsh fish' -d 'print the man page or a shell\'s completion'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l help -d 'print this help'
complete -c mqtt-bridge -n 'not __mqtt_bridge_begins import' -l version -d 'print the version'
complete -c mqtt-bridge -n '__mqtt_bridge_begins import' -F
complete -c mqtt-bridge -n '__mqtt_bridge_begins import' -s o -l output -r -F -d 'write to FILE, passwords and all'
complete -c mqtt-bridge -n '__mqtt_bridge_begins import' -l quiet -d 'no text of errors or warnings'
complete -c mqtt-bridge -n '__mqtt_bridge_begins import' -l log-format -x -a 'text json' -d 'how to write errors and notices: text or json'
complete -c mqtt-bridge -n '__mqtt_bridge_begins import' -l options-file -r -F -d 'read options from FILE, not from the default file'
complete -c mqtt-bridge -n '__mqtt_bridge_begins import' -l generate -x -a 'man bash zsh fish' -d 'print the man page or a shell\'s completion'
complete -c mqtt-bridge -n '__mqtt_bridge_begins import' -l help -d 'print this help'
complete -c mqtt-bridge -n '__mqtt_bridge_begins import' -l version -d 'print the version'
