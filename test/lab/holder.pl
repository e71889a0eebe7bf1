# Process 1 of a lab. It prepares the private mount namespace, says "ready", and lives until its standard
# input ends, which is also what happens when the owner is killed with -9. When it ends, the kernel ends
# every process of the lab, and with the last of them the network namespaces and mounts are gone.
use strict;
use warnings;
use POSIX ();

my ($dir, $resolv_conf) = @ARGV;

sub run { system(@_) == 0 or die "failed: @_\n" }

# /run is private, so that pid files, sockets and named network namespaces cannot meet those of another lab.
my $resolved = readlink('/etc/resolv.conf') ? `readlink -f /etc/resolv.conf` : '/etc/resolv.conf';
chomp $resolved;
run('mount', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', '/run');
run('mkdir', '-p', '/run/netns', '/run/lock', $resolved =~ s{/[^/]*$}{}r);
if (!-e $resolved) { open(my $made, '>', $resolved) or die "$resolved: $!\n" }
run('mount', '--bind', $resolv_conf, $resolved);

# Orphans of the lab become children of process 1: ignoring SIGCHLD makes the kernel reap them.
$SIG{CHLD} = 'IGNORE';
syswrite(STDOUT, "ready\n");
while (1) {
  my $got = sysread(STDIN, my $ignored, 4096);
  last if defined $got ? $got == 0 : !$!{EINTR};
}

# Nobody may write into the folder while it is removed.
kill('KILL', -1);
$SIG{CHLD} = 'DEFAULT';
1 while waitpid(-1, POSIX::WNOHANG) > 0;
system('rm', '-rf', '--', $dir);
