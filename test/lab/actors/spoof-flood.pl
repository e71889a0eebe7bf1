# Sends TCP SYNs made by hand, from MACs and addresses that change with every frame, or from fixed ones (then it
# is a fast scanner). Arguments are key=value:
#   iface, gatewayMac (none on a link without Ethernet), targets (comma separated, IPv4 or IPv6), ports (likewise)
#   sourceMac (random unless given), source4 and source6 (prefixes: the rest is random), rate, count, durationS
#   sourcePort and sequence (random unless given): later frames can belong to the connections of earlier ones
#   flags (of TCP, 2 for SYN unless given) and payloadBytes: with RST and a payload, commands of no connection
# Prints statistics as JSON lines, and ends by itself.
use strict;
use warnings;
use Socket qw(inet_pton AF_INET AF_INET6 SOCK_RAW);
use POSIX ();

use constant { AF_PACKET => 17, SIOCGIFINDEX => 0x8933, ETH_P_IP => 0x0800, ETH_P_IPV6 => 0x86dd, TCP => 6, SYN => 2 };

my %given = map { split(/=/, $_, 2) } @ARGV;
my ($iface, $rate) = ($given{iface} // 'eth0', $given{rate} // 20_000);
my ($count, $duration) = ($given{count} // 65_000, $given{durationS} // 10);
my @ports = split(/,/, $given{ports} // '25');
my ($flags, $payload) = ($given{flags} // SYN, 'x' x ($given{payloadBytes} // 0));
my $ether = $given{gatewayMac};

socket(my $raw, AF_PACKET, SOCK_RAW, 0) or die "packet socket: $!\n";
my $request = pack('Z16 x24', $iface);
ioctl($raw, SIOCGIFINDEX, $request) or die "$iface: $!\n";
my $index = unpack('x16 i', $request);

sub mac { return pack('H2' x 6, split(/:/, $_[0])) }
my $gateway = $ether ? mac($ether) : '';
my $fixed_mac = $given{sourceMac} ? mac($given{sourceMac}) : undef;

# A prefix as its bytes and a mask of its free bits.
sub prefix {
  my ($family, $text) = @_;
  my ($address, $length) = split(m{/}, $text);
  my $bytes = inet_pton($family, $address) or die "no address: $text\n";
  my $bits = 8 * length $bytes;
  return ($bytes, pack("B$bits", '0' x ($length // $bits) . '1' x ($bits - ($length // $bits))));
}
my ($base4, $free4) = prefix(AF_INET, $given{source4} // '192.168.1.0/24');
my ($base6, $free6) = prefix(AF_INET6, $given{source6} // '2001:db8:1::/64');
sub noise { return pack('N*', map { int(rand(0xffffffff)) } 1 .. $_[0] / 4) }
sub checksum {
  my $sum = unpack('%32n*', $_[0]);
  $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
  return ~$sum & 0xffff;
}

# Its length, with the payload; the pseudo headers have it too.
my $bytes = 20 + length $payload;

sub segment {
  my ($pseudo, $port) = @_;
  my $from = $given{sourcePort} // 1024 + int(rand(64_000));
  my @head = ($from, $port, $given{sequence} // int(rand(0xffffffff)), 0, 5 << 4, $flags, 64_240);
  my $sum = checksum($pseudo . pack('n n N N C C n n n', @head, 0, 0) . $payload . "\0" x (length($payload) % 2));
  return pack('n n N N C C n n n', @head, $sum, 0) . $payload;
}

sub packet4 {
  my ($target, $port) = @_;
  my $source = $base4 | ($free4 & noise(4));
  my $segment = segment($source . $target . pack('x C n', TCP, $bytes), $port);
  my @head = (0x45, 0, 20 + $bytes, int(rand(0xffff)), 0, 64, TCP);
  my $sum = checksum(pack('C C n n n C C n a4 a4', @head, 0, $source, $target));
  return pack('C C n n n C C n a4 a4', @head, $sum, $source, $target) . $segment;
}

sub packet6 {
  my ($target, $port) = @_;
  my $source = $base6 | ($free6 & noise(16));
  return pack('N n C C a16 a16', 6 << 28, $bytes, TCP, 64, $source, $target)
    . segment($source . $target . pack('N x3 C', $bytes, TCP), $port);
}

my @targets = map { /:/ ? [\&packet6, ETH_P_IPV6, inet_pton(AF_INET6, $_)] : [\&packet4, ETH_P_IP, inet_pton(AF_INET, $_)] }
  split(/,/, $given{targets} // die "no targets\n");
my $ticks_a_second = POSIX::sysconf(POSIX::_SC_CLK_TCK());
sub seconds { return (POSIX::times())[0] / $ticks_a_second }

my ($attempts, $lost, $stop, $printed, $started) = (0, 0, 0, 0, seconds());
$SIG{TERM} = sub { $stop = 1 };

sub report {
  my ($done) = @_;
  my $elapsed = seconds() - $started || 0.01;
  syswrite(STDOUT, sprintf(qq({"attempts":%d,"lost":%d,"ratePerS":%d,"done":%s}\n),
    $attempts, $lost, $attempts / $elapsed, $done ? 'true' : 'false'));
}

until ($stop) {
  my $elapsed = seconds() - $started;
  last if $elapsed >= $duration || $attempts >= $count;
  my $due = $rate * ($elapsed + 0.01);
  while ($attempts < $due && $attempts < $count) {
    my ($build, $type, $target) = @{ $targets[$attempts % @targets] };
    my $mac = $fixed_mac // pack('C a5', int(rand(256)) & 0xfe, noise(8));
    my $frame = ($ether ? $gateway . $mac . pack('n', $type) : '') . $build->($target, $ports[$attempts % @ports]);
    send($raw, $frame, 0, pack('S n i S C C a8', AF_PACKET, $type, $index, 0, 0, 6, $gateway)) or $lost++;
    $attempts++;
  }
  if ($elapsed - $printed >= 0.2) { report(0); $printed = $elapsed }
  select(undef, undef, undef, 0.005);
}
report(1);
