# Prints a line for each element that enters a set of nftables: the wall clock, the set's name, the element in hex.
#
# The kernel sends these messages at the end of a transaction, when its elements are in force already; the clock is
# read as soon as the message is here. So what it says is never too early, and a wake-up (0.1 ms) too late. A small
# program of its own, since `nft monitor` first makes text of what it received, and looks the set up for that.
use strict;
use warnings;
use Socket qw(SOCK_RAW);
use POSIX ();

use constant { AF_NETLINK => 16, NETLINK_NETFILTER => 12, NFNLGRP_NFTABLES => 7, NEWSETELEM => 10 << 8 | 12 };
use constant { HEADERS => 20, LIST_SET => 2, LIST_ELEMENTS => 3 };

# perl-base has no clock finer than a second, but any system call.
my %gettimeofday = (x86_64 => 96, aarch64 => 169);
my $call = $gettimeofday{ (POSIX::uname())[4] } or die "no number for gettimeofday on this machine\n";

socket(my $netlink, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER) or die "netlink: $!\n";
bind($netlink, pack('S S L L', AF_NETLINK, 0, 0, 1 << NFNLGRP_NFTABLES - 1)) or die "bind: $!\n";

$| = 1;
print "ready\n";
my ($time, $buffer) = ("\0" x 16, '');
while (1) {
  defined recv($netlink, $buffer, 262_144, 0) or next;
  syscall($call, $time, 0);
  my $at = sprintf('%d.%06d', unpack('q q', $time));
  my $from = 0;
  while ($from + HEADERS <= length $buffer) {
    my ($length, $type) = unpack('L S', substr($buffer, $from, 6));
    print_element($at, substr($buffer, $from + HEADERS, $length - HEADERS)) if $type == NEWSETELEM;
    $from += ($length + 3) & ~3;
  }
}

sub print_element {
  my ($at, $attributes) = @_;
  my %found;
  while (length $attributes >= 4) {
    my ($length, $type) = unpack('S S', $attributes);
    last if $length < 4;
    $found{ $type & 0x3fff } = substr($attributes, 4, $length - 4);
    # A piece ends at a multiple of four.
    substr($attributes, 0, ($length + 3) & ~3, '');
  }
  my $set = $found{ +LIST_SET } // return;
  $set =~ s/\0.*//s;
  print "$at $set ", unpack('H*', $found{ +LIST_ELEMENTS } // ''), "\n";
}
