# Opens TCP connections to ports of one host, at a rate, for a bounded time and number: unrelated traffic.
# Arguments are key=value: host, rate (0: as many as it can), durationS, maxConnections, firstPort, ports. Prints
# statistics as JSON lines.
use strict;
use warnings;
use Socket qw(getaddrinfo SOCK_STREAM SOCK_NONBLOCK SOL_SOCKET SO_ERROR pack_sockaddr_in pack_sockaddr_in6
  unpack_sockaddr_in unpack_sockaddr_in6 AF_INET);
use Errno qw(ECONNREFUSED);
use POSIX ();

my %given = map { split(/=/, $_, 2) } @ARGV;
my ($rate, $duration) = ($given{rate} // 5000, $given{durationS} // 10);
my ($most, $first, $ports) = ($given{maxConnections} // 100_000, $given{firstPort} // 9000, $given{ports} // 1000);

my ($failure, $found) = getaddrinfo($given{host}, '', { socktype => SOCK_STREAM });
die "$given{host}: $failure\n" if $failure;
my $family = $found->{family};
my $address = $family == AF_INET ? (unpack_sockaddr_in($found->{addr}))[1] : (unpack_sockaddr_in6($found->{addr}))[1];
my @names = map { $family == AF_INET ? pack_sockaddr_in($first + $_, $address) : pack_sockaddr_in6($first + $_, $address) }
  0 .. $ports - 1;

# The kernel's ticks of 10 ms: perl-base has no finer clock.
my $ticks_a_second = POSIX::sysconf(POSIX::_SC_CLK_TCK());
sub seconds { return (POSIX::times())[0] / $ticks_a_second }

my ($attempts, $refused, $stop, $printed) = (0, 0, 0, 0);
my $started = seconds();
$SIG{TERM} = sub { $stop = 1 };

sub report {
  my ($done) = @_;
  my $elapsed = seconds() - $started || 0.01;
  syswrite(STDOUT, sprintf(qq({"attempts":%d,"refused":%d,"ratePerS":%d,"done":%s}\n),
    $attempts, $refused, $attempts / $elapsed, $done ? 'true' : 'false'));
}

sub finish {
  my ($socket) = @_;
  $refused++ if unpack('i', getsockopt($socket, SOL_SOCKET, SO_ERROR)) == ECONNREFUSED;
  close($socket);
}

my @open;
until ($stop) {
  my $elapsed = seconds() - $started;
  last if $elapsed >= $duration || $attempts >= $most;
  my $due = $rate ? $rate * ($elapsed + 0.01) : $attempts + 200;
  while ($attempts < $due && $attempts < $most) {
    socket(my $socket, $family, SOCK_STREAM | SOCK_NONBLOCK, 0) or die "socket: $!\n";
    connect($socket, $names[$attempts % $ports]);
    push @open, $socket;
    $attempts++;
    finish(shift @open) if @open > 200;
  }
  if ($elapsed - $printed >= 0.2) { report(0); $printed = $elapsed }
  select(undef, undef, undef, 0.005) if $rate;
}
finish($_) for @open;
report(1);
