"""Reads a subunit stream and writes a line for each test: passed, failed or skipped; its name; why. A setUpClass is a test too."""
import re
import sys

import subunit
import testtools

OUTCOMES = {'success': 'passed', 'xfail': 'passed', 'skip': 'skipped'}
IDENTIFIERS = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{32}')
# The last line of a traceback, not those between.
RAISED = re.compile(r'[A-Za-z_][\w.]*(:|$)')


def reason(test):
    texts = {name: detail.as_text() for name, detail in test['details'].items()}
    if test['status'] == 'skip':
        return ' '.join(texts.get('reason', '').split())
    trace = '\n'.join(text for name, text in sorted(texts.items()) if 'traceback' in name.lower())
    lines = trace.rstrip().splitlines()
    last = next((i for i in range(len(lines) - 1, -1, -1) if RAISED.match(lines[i])), 0)
    return IDENTIFIERS.sub('ID', ' '.join(' '.join(lines[last:]).split()))[:400] if lines else test['status']


def report(test):
    if test['status'] != 'exists':
        name = re.sub(r'\[.*\]$', '', test['id'])
        print(OUTCOMES.get(test['status'], 'failed'), name, reason(test), sep='\t')


stream = subunit.ByteStreamToStreamResult(sys.stdin.buffer, non_subunit_name='stdout')
result = testtools.StreamToDict(report)
result.startTestRun()
stream.run(result)
result.stopTestRun()
