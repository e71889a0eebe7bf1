#!/bin/sh
# What busybox udhcpc runs when it got a lease: gives the interface its address and the default route.
[ "$1" = bound ] || exit 0
ip addr replace "$ip/$mask" dev "$interface"
ip route replace default via "${router%% *}" dev "$interface"
