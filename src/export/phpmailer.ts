import type { ExportFormat, ExportInput } from './format.js';
import { comment, ONE_REFRESHER, requireLogin } from './format.js';
import { phpString } from './quoting.js';

export const phpmailer: ExportFormat = {
  id: 'phpmailer',
  title: 'PHPMailer (PHP)',
  carriesSecret: false,
  needs: 'smtp',
  render: settings,
};

function settings({ account, tokenCommand }: ExportInput): string {
  const { server, user } = requireLogin(account, 'smtp', 'PHPMailer');
  return (
    '<?php\n' +
    comment('//', [
      `PHPMailer: sends mail as ${account.address}.`,
      'Where: a file of your own, after the autoloader. Install too: composer require phpmailer/phpmailer (6.6 or newer).',
      'The user that PHP runs as must be able to run mailauth and to read its store.',
      ONE_REFRESHER,
    ]) +
    [
      'use PHPMailer\\PHPMailer\\OAuthTokenProvider;',
      'use PHPMailer\\PHPMailer\\PHPMailer;',
      '',
      'final class MailauthToken implements OAuthTokenProvider',
      '{',
      '    public function getOauth64(): string',
      '    {',
      `        $command = [${tokenCommand.map(phpString).join(', ')}];`,
      "        $process = proc_open($command, [1 => ['pipe', 'w']], $pipes);",
      "        $token = is_resource($process) ? trim(stream_get_contents($pipes[1])) : '';",
      "        if (!is_resource($process) || proc_close($process) !== 0 || $token === '') {",
      "            throw new RuntimeException('mailauth gave no token');",
      '        }',
      `        return base64_encode('user=' . ${phpString(user)} . "\\x01auth=Bearer " . $token . "\\x01\\x01");`,
      '    }',
      '}',
      '',
      '$mail = new PHPMailer(true);',
      '$mail->isSMTP();',
      `$mail->Host = ${phpString(server.host)};`,
      `$mail->Port = ${server.port};`,
      `$mail->SMTPSecure = PHPMailer::${server.security === 'tls' ? 'ENCRYPTION_SMTPS' : 'ENCRYPTION_STARTTLS'};`,
      ...(account.ca === undefined ? [] : [`$mail->SMTPOptions = ['ssl' => ['cafile' => ${phpString(account.ca)}]];`]),
      '$mail->SMTPAuth = true;',
      "$mail->AuthType = 'XOAUTH2';",
      '$mail->setOAuth(new MailauthToken());',
      `$mail->setFrom(${phpString(account.address)});`,
      '',
    ].join('\n')
  );
}
