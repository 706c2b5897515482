#!/usr/bin/perl
# slow.pl DEVICE MILLISECONDS: takes each packet that leaves by the tun device, and puts it back in after that time.
use strict;
use warnings;
use Time::HiRes qw(time);

my ($device, $millis) = @ARGV;
open(my $tun, '+<', '/dev/net/tun') or die "cannot open /dev/net/tun: $!\n";
my ($TUNSETIFF, $IFF_TUN, $IFF_NO_PI) = (0x400454ca, 0x0001, 0x1000);
my $request = pack('a16 s x22', $device, $IFF_TUN | $IFF_NO_PI);
ioctl($tun, $TUNSETIFF, $request) or die "cannot take the device $device: $!\n";
$| = 1;
print "ready\n";

my @held;
while (1) {
    my $ready = '';
    vec($ready, fileno($tun), 1) = 1;
    my $wait = @held ? $held[0][0] - time() : undef;
    $wait = 0 if defined $wait && $wait < 0;
    select($ready, undef, undef, $wait);
    if (vec($ready, fileno($tun), 1) && sysread($tun, my $packet, 65536)) {
        push @held, [time() + $millis / 1000, $packet];
    }
    syswrite($tun, (shift @held)->[1]) while @held && $held[0][0] <= time();
}
