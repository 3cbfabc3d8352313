# The portal of LemonLDAP::NG as an OpenID provider, with its demonstration accounts and one client, over TLS.
#
# Arguments: a folder with cert.pem, key.pem, signing.pem and verifying.pem. On standard input, one JSON object: the
# client. Prints the issuer when it listens.
use strict;
use warnings;
use HTTP::Server::PSGI;
use IO::Socket::SSL;
use JSON;

# The one that it would load, although nothing asks for it, is in a package of its own.
BEGIN { $INC{'NoCaptcha.pm'} = __FILE__ }
package NoCaptcha { use Mouse; extends 'Lemonldap::NG::Portal::Main::Plugin'; sub init { 1 } }

my $folder = shift;
my $client = decode_json( do { local $/; <STDIN> } );

sub file {
    my ( $name, $text ) = @_;
    open my $file, '>', "$folder/$name" or die "$name: $!";
    print {$file} $text;
    close $file;
}

sub text_of {
    open my $file, '<', "$folder/$_[0]" or die "$_[0]: $!";
    local $/;
    return scalar <$file>;
}

sub kept_in {
    mkdir "$folder/$_[0]";
    return { Directory => "$folder/$_[0]", LockDirectory => "$folder/$_[0]" };
}

my $socket = IO::Socket::SSL->new(
    LocalAddr => '127.0.0.1',
    Listen    => 64,
    SSL_cert_file => "$folder/cert.pem",
    SSL_key_file  => "$folder/key.pem",
) or die "no port: $!";
my $issuer = 'https://localhost:' . $socket->sockport;

mkdir "$folder/configuration";
file 'lemonldap-ng.ini', <<"INI";
[all]
logLevel = warn
[configuration]
type = File
dirName = $folder/configuration
[portal]
templateDir = /usr/share/lemonldap-ng/portal/templates
staticPrefix = /static
languages = en
INI
file 'configuration/lmConf-1.json', encode_json {
    cfgNum  => 1,
    cfgDate => 1,
    key     => 'the key of a test',
    locationRules => {},
    portal  => "$issuer/",
    domain  => 'localhost',
    captcha => 'NoCaptcha',
    authentication => 'Demo',
    userDB         => 'Same',
    demoExportedVars => { uid => 'uid', cn => 'cn', mail => 'mail' },
    globalStorage => 'Apache::Session::File',
    globalStorageOptions => kept_in('sessions'),
    persistentStorage => 'Apache::Session::File',
    persistentStorageOptions => kept_in('persistent'),
    issuerDBOpenIDConnectActivation => 1,
    oidcServiceMetaDataIssuer       => $issuer,
    oidcServicePrivateKeySig => text_of('signing.pem'),
    oidcServicePublicKeySig  => text_of('verifying.pem'),
    oidcRPMetaDataOptions => {
        mailauth => {
            oidcRPMetaDataOptionsClientID     => $client->{clientId},
            oidcRPMetaDataOptionsClientSecret => $client->{clientSecret},
            oidcRPMetaDataOptionsRedirectUris => $client->{redirectUri},
            oidcRPMetaDataOptionsDisplayName  => 'mailauth',
            oidcRPMetaDataOptionsIDTokenSignAlg => 'RS256',
            oidcRPMetaDataOptionsRequirePKCE  => 1,
            oidcRPMetaDataOptionsAllowOffline => 1,
        },
    },
    oidcRPMetaDataExportedVars => { mailauth => { email => 'mail' } },
};
$ENV{LLNG_DEFAULTCONFFILE} = "$folder/lemonldap-ng.ini";
require Lemonldap::NG::Portal::Main;
my $portal = Lemonldap::NG::Portal::Main->run( {} );

$| = 1;
print "$issuer\n";
HTTP::Server::PSGI->new( listen_sock => $socket, ssl => 1 )->run($portal);
