# Sends one SYN for each line of its standard input: sourceMac sourceAddress target port (IPv4). Arguments are
# key=value: iface, gatewayMac. One process for all, so that no start of a program falls into what is measured.
use strict;
use warnings;
use Socket qw(inet_aton SOCK_RAW);

use constant { AF_PACKET => 17, SIOCGIFINDEX => 0x8933, ETH_P_IP => 0x0800, TCP => 6, SYN => 2 };

my %given = map { split(/=/, $_, 2) } @ARGV;
socket(my $raw, AF_PACKET, SOCK_RAW, 0) or die "packet socket: $!\n";
my $request = pack('Z16 x24', $given{iface});
ioctl($raw, SIOCGIFINDEX, $request) or die "$given{iface}: $!\n";
my $index = unpack('x16 i', $request);

sub mac { return pack('H2' x 6, split(/:/, $_[0])) }
my $gateway = mac($given{gatewayMac});

sub checksum {
  my $sum = unpack('%32n*', $_[0]);
  $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
  return ~$sum & 0xffff;
}

sub syn {
  my ($source, $target, $port) = @_;
  my @head = (1024 + int(rand(64_000)), $port, int(rand(0xffffffff)), 0, 5 << 4, SYN, 64_240);
  my $pseudo = $source . $target . pack('x C n', TCP, 20);
  my $segment = pack('n n N N C C n n n', @head, checksum($pseudo . pack('n n N N C C n n n', @head, 0, 0)), 0);
  my @ip = (0x45, 0, 40, int(rand(0xffff)), 0, 64, TCP);
  my $sum = checksum(pack('C C n n n C C n a4 a4', @ip, 0, $source, $target));
  return pack('C C n n n C C n a4 a4', @ip, $sum, $source, $target) . $segment;
}

while (my $line = <STDIN>) {
  my ($mac, $source, $target, $port) = split(' ', $line);
  my $frame = $gateway . mac($mac) . pack('n', ETH_P_IP) . syn(inet_aton($source), inet_aton($target), $port);
  send($raw, $frame, 0, pack('S n i S C C a8', AF_PACKET, ETH_P_IP, $index, 0, 0, 6, $gateway)) or die "send: $!\n";
}
