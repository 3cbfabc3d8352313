package Authen::SASL::Perl::XOAUTH2;

# What Authen::SASL 2.1800 brings and Debian's older one lacks, so that git send-email can be tried there.

use strict;
use warnings;
use parent 'Authen::SASL::Perl';

sub _order    { 1 }
sub _secflags { shift; return scalar grep { $_ eq 'noanonymous' } @_ }
sub mechanism { 'XOAUTH2' }

sub client_start {
  my ($self) = @_;
  $self->{error}     = undef;
  $self->{need_step} = 0;
  return 'user=' . $self->_call('user') . "\x01auth=Bearer " . $self->_call('pass') . "\x01\x01";
}

# The only challenge is an error message, which takes an empty answer.
sub client_step { return '' }

1;
