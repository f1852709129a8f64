// Letters leave by a program that does what a test wants, as sendmail would: it takes them, refuses them, or says "later".

import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** With a mood the letter stays outside: its first line is the exit status, the second what is said. */
const PROGRAM = (folder) => `#!/bin/sh
if [ -s "${folder}/mood" ]; then
  { read -r status; read -r words; } < "${folder}/mood"
  cat > /dev/null
  echo "$words" >&2
  exit "$status"
fi
cat > "${folder}/letters/$$" # one process a letter
`;

/** Serves the installation again, with letters leaving by the program. Answers what tells it how to be. */
export async function byPost(oathbook) {
  const folder = join(oathbook.directory, 'post');
  const mood = (text) => writeFile(join(folder, 'mood'), text);
  await oathbook.restart(async (directory) => {
    await mkdir(join(folder, 'letters'), { recursive: true });
    const program = join(folder, 'sendmail');
    await writeFile(program, PROGRAM(folder));
    await chmod(program, 0o700);
    await writeFile(join(directory, 'config.yml'), `mail:\n  transport: sendmail:${program}\n`);
  });
  return {
    takes: () => mood(''),
    refuses: (words) => mood(`67\n${words}\n`),
    saysLater: (words) => mood(`75\n${words}\n`),
    letters: async () => {
      const names = await readdir(join(folder, 'letters'));
      return Promise.all(names.map((name) => readFile(join(folder, 'letters', name), 'utf8')));
    },
  };
}
