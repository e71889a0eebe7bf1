# Makes two tun devices (named by the two arguments) and copies every packet from one to the other: a link
# without Ethernet, as a VPN client has. The devices live as long as this process does; either may be moved
# into another network namespace.
use strict;
use warnings;
use Fcntl qw(O_RDWR O_NONBLOCK);

use constant TUNSETIFF => 0x400454ca;
use constant { IFF_TUN => 0x0001, IFF_NO_PI => 0x1000 };

sub tun {
  my ($name) = @_;
  sysopen(my $device, '/dev/net/tun', O_RDWR | O_NONBLOCK) or die "/dev/net/tun: $!\n";
  my $request = pack('Z16 S x22', $name, IFF_TUN | IFF_NO_PI);
  ioctl($device, TUNSETIFF, $request) or die "TUNSETIFF $name: $!\n";
  return $device;
}

my ($left, $right) = map { tun($_) } @ARGV[0, 1];
syswrite(STDOUT, "ready\n");

while (1) {
  my $readable = '';
  vec($readable, fileno($left), 1) = 1;
  vec($readable, fileno($right), 1) = 1;
  next if select($readable, undef, undef, undef) < 1;
  for my $pair ([$left, $right], [$right, $left]) {
    my ($from, $to) = @$pair;
    next unless vec($readable, fileno($from), 1);
    # Bounded, so that a flood in one direction cannot starve the other. A device that is still down
    # refuses the packet, which is then lost as on any link.
    for (1 .. 64) {
      last unless sysread($from, my $packet, 65536);
      syswrite($to, $packet);
    }
  }
}
