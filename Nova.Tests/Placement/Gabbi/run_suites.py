#!/usr/bin/python3
"""Runs Placement's conformance suites (gabbi files) against a live service.

    run_suites.py URL FIXTURES.tsv FILE...

The files name fixtures that exist only inside the original's test process. Here the same starting state is built with
ordinary calls, from the table of fixtures, after everything that an earlier file left has been deleted. The suites
expect the service at the root of its host, so the client cuts the service's path from answers, as a proxy would.

Prints one line a failed test and one line a file; exits with 1 when a test failed.
"""
import csv
import io
import json
import os
import re
import sys
import unittest
import urllib.error
import urllib.request
import uuid

from gabbi import handlers as gabbi_handlers
from gabbi import httpclient as gabbi_httpclient
from gabbi import suitemaker
from gabbi import utils as gabbi_utils
from gabbi.handlers import core as gabbi_core

FRESH = ('RP_UUID RP_NAME RP_UUID1 RP_NAME1 RP_UUID2 RP_NAME2 PROJECT_ID ADMIN_PROJECT_ID SERVICE_PROJECT_ID USER_ID '
         'PROJECT_ID_ALT USER_ID_ALT INSTANCE_UUID MIGRATION_UUID CONSUMER_UUID PARENT_PROVIDER_UUID '
         'ALT_PARENT_PROVIDER_UUID AGG_UUID AGGA_UUID AGGB_UUID AGGC_UUID AGGA AGGB AGGC').split()


class Service:
    """The service under test, as its administrator sees it."""

    def __init__(self, url):
        self.url = url

    def call(self, method, path, body=None, version='1.37', may_fail=False):
        request = urllib.request.Request(self.url + path, method=method, headers={
            'X-Auth-Token': 'admin', 'X-Roles': 'admin,service', 'Accept': 'application/json',
            'Content-Type': 'application/json', 'OpenStack-API-Version': 'placement ' + version,
        }, data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            if may_fail:
                return None
            raise RuntimeError('%s %s: %d %s' % (method, path, error.code, error.read()[:400]))
        return json.loads(text) if text else {}

    def clear(self):
        """Deletes everything but the standard classes and traits."""
        providers = self.call('GET', '/resource_providers')['resource_providers']
        for provider in providers:
            held = self.call('GET', '/resource_providers/%s/allocations' % provider['uuid'])
            for consumer in held['allocations']:
                self.call('DELETE', '/allocations/' + consumer, may_fail=True)
        left = [provider['uuid'] for provider in providers]
        while left:
            still = [p for p in left if self.call('DELETE', '/resource_providers/' + p, may_fail=True) is None]
            if len(still) == len(left):
                raise RuntimeError('these providers cannot be deleted: %s' % still)
            left = still
        for trait in self.call('GET', '/traits?name=startswith:CUSTOM_')['traits']:
            self.call('DELETE', '/traits/' + trait)
        for resource_class in self.call('GET', '/resource_classes')['resource_classes']:
            if resource_class['name'].startswith('CUSTOM_'):
                self.call('DELETE', '/resource_classes/' + resource_class['name'])


class Fixture:
    """The starting state of a file: rows of provider, parent, aggregates, inventories, traits, environment variable."""

    def __init__(self, service, rows):
        self.service, self.rows, self.made = service, rows, {}

    def build(self):
        for row in self.rows:
            name = row['provider']
            if name == '(no data)':
                continue
            if name.startswith('('):
                self.allocate(row)
            else:
                self.add(row)

    def add(self, row):
        name = os.environ[row['provider'][1:]] if row['provider'].startswith('$') else row['provider']
        variable = row['environment_variable']
        provider = os.environ[variable] if variable in FRESH else str(uuid.uuid4())
        body = {'name': name, 'uuid': provider}
        if row['parent']:
            body['parent_provider_uuid'] = self.made[row['parent']]
        self.service.call('POST', '/resource_providers', body)
        self.made[row['provider']] = provider
        if variable:
            os.environ[variable] = provider
        # A version without generation: the suites count the provider's generations.
        aggregates = [os.environ[a] for a in row['aggregates'].split()]
        if aggregates:
            self.service.call('PUT', '/resource_providers/%s/aggregates' % provider, aggregates, version='1.18')
        for inventory in row['inventories'].split():
            self.stock(provider, inventory)
        self.mark(provider, row['traits'].split())

    def stock(self, provider, text):
        resource_class, total, *more = text.split(':')
        if resource_class.startswith('CUSTOM_'):
            self.service.call('PUT', '/resource_classes/' + resource_class)
        body = {'resource_class': resource_class, 'total': int(total), 'max_unit': int(total)}
        for pair in more:
            key, value = pair.split('=')
            body[key] = float(value) if '.' in value else int(value)
        self.service.call('POST', '/resource_providers/%s/inventories' % provider, body)

    def mark(self, provider, traits):
        if not traits:
            return
        for trait in traits:
            if trait.startswith('CUSTOM_'):
                self.service.call('PUT', '/traits/' + trait)
        generation = self.service.call('GET', '/resource_providers/' + provider)['generation']
        self.service.call('PUT', '/resource_providers/%s/traits' % provider,
                          {'resource_provider_generation': generation, 'traits': traits})

    def allocate(self, row):
        """Two forms: "CONSUMER CLASS:N … of USER; …; all in PROJECT", and "PROVIDER CLASS:N; …; two consumers of user U in project P"."""
        *parts, where = row['inventories'].split('; ')
        if where.startswith('all in '):
            for part in parts:
                wanted, user = part.split(' of ')
                consumer, *amounts = wanted.split()
                os.environ[consumer] = str(uuid.uuid4())
                os.environ.setdefault(user, str(uuid.uuid4()))
                self.put(os.environ[consumer], os.environ['RP_UUID'], amounts, os.environ[where.split()[-1]], os.environ[user])
            for variable in re.findall('[A-Z][A-Z_]+', row['environment_variable']):
                os.environ[variable] = str(uuid.uuid4())
        else:
            user, project = re.search(r'user (\S+) in project (\S+)', where).groups()
            for part in parts:
                provider, *amounts = part.split()
                self.put(str(uuid.uuid4()), self.made[provider], amounts, project, user)

    def put(self, consumer, provider, amounts, project, user):
        resources = {name: int(amount) for name, amount in (a.split(':') for a in amounts)}
        self.service.call('PUT', '/allocations/' + consumer, {
            'allocations': {provider: {'resources': resources}}, 'project_id': project, 'user_id': user,
            'consumer_generation': None})


class StringOrPattern(gabbi_core.StringResponseHandler):
    """response_strings of the form /text/ are regular expressions, which Debian's gabbi does not know yet."""

    def action(self, test, expected, value=None):
        expected = test.replace_template(expected)
        if len(expected) > 2 and expected[0] == expected[-1] == '/':
            if not re.search(expected[1:-1], test.output):
                test.fail('no match for %s in: %s' % (expected, test.output[:500]))
        else:
            test.assert_in_or_print_output(expected, test.output)


def at_root(path):
    """Makes gabbi's client see the service at the root of its host."""
    send = gabbi_httpclient.Http.request

    def request(self, absolute_uri, *more, **named):
        scheme, _, rest = absolute_uri.partition('://')
        host, slash, below = rest.partition('/')
        info, content = send(self, '%s://%s%s%s%s' % (scheme, host, path, slash, below), *more, **named)
        if 'location' in info:
            info['location'] = info['location'].replace(path + '/', '/', 1)
        return info, content.replace(('"%s/' % path).encode(), b'"/')
    gabbi_httpclient.Http.request = request


def run(file, service, fixtures, host, port):
    suite = gabbi_utils.load_yaml(yaml_file=file)
    for variable in FRESH:
        os.environ[variable] = str(uuid.uuid4())
    for number in ('', '1', '2'):
        os.environ['CUSTOM_RES_CLASS' + number] = 'CUSTOM_IRON_NFV' + number
    service.clear()
    for name in suite.pop('fixtures', None) or ['APIFixture']:
        Fixture(service, [row for row in fixtures if row['fixture'] == name]).build()
    handlers = [StringOrPattern() if h is gabbi_core.StringResponseHandler else h() for h in gabbi_handlers.RESPONSE_HANDLERS]
    name = os.path.splitext(os.path.basename(file))[0]
    tests = suitemaker.test_suite_from_dict(
        unittest.defaultTestLoader, name, suite, os.path.dirname(os.path.abspath(file)), host, port, None, None,
        prefix='', test_loader_name='suite', handlers=handlers)
    result = unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(tests)
    failed = [(test.id(), why) for test, why in result.failures + result.errors]
    failed += [(test.id(), 'unexpected success') for test in result.unexpectedSuccesses]
    for test, why in failed:
        print('FAILED %s\n%s' % (test, why))
    print('%s: %d tests, %d failed' % (os.path.basename(file), result.testsRun, len(failed)))
    return len(failed)


def main():
    url, table, *files = sys.argv[1:]
    with open(table, newline='') as text:
        fixtures = list(csv.DictReader(text, delimiter='\t', quoting=csv.QUOTE_NONE))
    host, port, path, _ = gabbi_utils.host_info_from_target(url)
    at_root(path)
    failed = sum(run(file, Service(url), fixtures, host, port) for file in files)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
