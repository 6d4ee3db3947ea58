"""Each rule finds what it is for, and only that: small trees with one thing wrong."""
import unittest

import rules

TABLE = """
base :
hal : base
link : base          # reasons may follow
device : base hal
drivers : base hal device
app : base
hal/linux : base hal
sim : base
boards : base
library libwebsockets.h : link base/heaps
library mbedtls/ : link base/parts_*
library unistd.h sys/ : hal/linux
"""


def header(namespace, body=""):
    return f"#pragma once\n\nnamespace {namespace} {{\n{body}\n}}\n"


def found(rule, files, table=TABLE, scripts=None):
    """What the rule says of the files, as path:line."""
    tree = rules.Tree(files, rules.Rooms.read(table), scripts)
    return [f"{finding.path}:{finding.line}" for finding in rule(tree)]


def functions(text):
    source = rules.Source("firmware/base/x.cpp", text)
    return [(function.line, function.lines) for function in source.functions]


class IncludesTest(unittest.TestCase):
    FILES = {"firmware/base/ring.hpp": "", "hal/pwm.hpp": '#include "base/ring.hpp"\n', "sim/main.cpp": ""}

    def test_allowed(self):
        self.assertEqual(found(rules.includes, self.FILES), [])

    def test_not_allowed(self):
        wrong = '#pragma once\n\n#include "hal/pwm.hpp"\n'
        self.assertEqual(found(rules.includes, {**self.FILES, "firmware/base/x.hpp": wrong}), ["firmware/base/x.hpp:3"])

    def test_hal_linux_is_a_room_of_its_own(self):
        files = {**self.FILES, "hal/linux/pwm.hpp": '#include "hal/pwm.hpp"\n',
                 "firmware/device/x.hpp": '#include "hal/linux/pwm.hpp"\n'}
        self.assertEqual(found(rules.includes, files), ["firmware/device/x.hpp:1"])

    def test_roots_and_tests_may_include_anything(self):
        text = '#include "hal/pwm.hpp"\n#include "base/ring.hpp"\n'
        files = {**self.FILES, "sim/main.cpp": text, "tests/firmware/base/x_test.cpp": text}
        self.assertEqual(found(rules.includes, files), [])

    def test_nobody_includes_tests(self):
        files = {**self.FILES, "tests/x.hpp": "", "firmware/link/x.hpp": '#include "tests/x.hpp"\n'}
        self.assertEqual(found(rules.includes, files), ["firmware/link/x.hpp:1"])

    def test_a_room_stands_in_the_table(self):
        self.assertEqual(found(rules.includes, {"firmware/attic/x.hpp": ""}), ["firmware/attic/x.hpp:1"])


class LibrariesTest(unittest.TestCase):
    def check(self, path, include, allowed):
        self.assertEqual(found(rules.libraries, {path: f"#include {include}\n"}), [] if allowed else [f"{path}:1"])

    def test_rooms(self):
        self.check("firmware/link/x.cpp", "<libwebsockets.h>", True)
        self.check("firmware/base/x.cpp", "<libwebsockets.h>", False)
        self.check("firmware/base/x.cpp", '"mbedtls/pk.h"', False)
        self.check("hal/linux/x.cpp", "<sys/ioctl.h>", True)
        self.check("hal/x.hpp", "<unistd.h>", False)
        self.check("tests/x_test.cpp", "<unistd.h>", True)

    def test_files(self):
        self.check("firmware/base/heaps.cpp", "<libwebsockets.h>", True)
        self.check("firmware/base/heaps_more.cpp", "<libwebsockets.h>", False)
        self.check("firmware/base/parts_one.hpp", "<mbedtls/pk.h>", True)
        self.check("firmware/base/one_parts.hpp", "<mbedtls/pk.h>", False)


class CirclesTest(unittest.TestCase):
    def test_files(self):
        files = {"firmware/base/a.hpp": '#include "base/b.hpp"\n', "firmware/base/b.hpp": '#include "base/c.hpp"\n',
                 "firmware/base/c.hpp": ""}
        self.assertEqual(found(rules.circles, files), [])
        files["firmware/base/c.hpp"] = '#include "a.hpp"\n'
        self.assertEqual(len(found(rules.circles, files)), 1)

    def test_rooms(self):
        files = {"firmware/base/a.hpp": '#include "hal/a.hpp"\n', "hal/a.hpp": "", "firmware/base/b.hpp": "",
                 "hal/b.hpp": '#include "base/b.hpp"\n'}
        self.assertEqual(len(found(rules.circles, files)), 1)

    def test_table(self):
        self.assertEqual(found(rules.circles, {}, "a : b\nb : c\nc : a\n"), ["a:1"])
        self.assertEqual(found(rules.circles, {}, "a : b c\nb : c\nc :\n"), [])


class LengthsTest(unittest.TestCase):
    def test_files(self):
        short = {f"firmware/base/{i}.hpp": "\n" * 249 for i in range(8)}
        self.assertEqual(found(rules.file_lengths, {**short, "hal/x.hpp": "\n" * 400, "hal/y.hpp": "\n" * 250}), [])
        self.assertEqual(found(rules.file_lengths, {**short, "hal/x.hpp": "\n" * 401}), ["hal/x.hpp:401"])

    def test_most_files(self):
        long = {f"hal/{i}.hpp": "\n" * 250 for i in range(3)}
        short = {f"firmware/base/{i}.hpp": "" for i in range(8)}
        self.assertEqual(len(found(rules.file_lengths, {**short, **long})), 1)

    def test_functions(self):
        fits = "void f() {\n" + "  x();\n" * 68 + "}\n"
        self.assertEqual(found(rules.function_lengths, {"hal/x.hpp": fits}), [])
        self.assertEqual(found(rules.function_lengths, {"hal/x.hpp": "\n" + fits.replace("}", "  x();\n}")}), ["hal/x.hpp:2"])


class FunctionsTest(unittest.TestCase):
    def test_free_and_member_functions(self):
        self.assertEqual(functions("int f() {\n  return 1;\n}\n\nint g() {\n  return 2;\n}\n"), [(1, 3), (5, 3)])
        self.assertEqual(functions("struct A {\n  int a{1};\n\n public:\n  int f() {\n    return a;\n  }\n};\n"), [(5, 3)])
        self.assertEqual(functions("namespace a {\nnamespace {\n\nint f() {\n  g();\n}\n\n}\n}\n"), [(4, 3)])

    def test_the_head_counts(self):
        self.assertEqual(functions("template <typename T>\nResult<T> f(T a,\n            T b) {\n  g();\n}\n"), [(1, 5)])

    def test_constructors(self):
        self.assertEqual(functions("A::A(int b) : b_{b}, c_(b), d_{{b}} {\n  g();\n}\n"), [(1, 3)])
        self.assertEqual(functions("struct A {\n  A() : b_{1} {}\n  void f() {\n    g();\n  }\n};\n"), [(3, 3)])

    def test_blocks_inside_belong_to_it(self):
        text = "void f() {\n  if (a) {\n    g();\n  }\n  auto h = [] {\n    g();\n  };\n  struct B {\n    int c;\n  };\n}\n"
        self.assertEqual(functions(text), [(1, 11)])

    def test_values_are_no_functions(self):
        self.assertEqual(functions("constexpr int a[] = {\n    1,\n    2,\n};\nenum class B { c, d };\nA e{f({1}), 2};\n"), [])

    def test_classes_over_pointers_to_functions(self):
        self.assertEqual(functions("template <typename T, void (*f)(T*)>\nclass A {\n  T b;\n  void g() { f(&b); }\n};\n"), [(4, 1)])

    def test_texts_and_comments_are_not_read(self):
        text = 'void f() {\n  g("}{", \'{\', 1\'000);  // }}}\n  /* } */\n  h(R"x(}}")x");\n}\nvoid i() {\n  j();\n}\n'
        self.assertEqual(functions(text), [(1, 5), (6, 3)])

    def test_macros_are_not_read(self):
        self.assertEqual(functions("#define A() \\\n  do {      \\\n    b();\nvoid f() {\n  g();\n}\n"), [(4, 3)])


class PairsTest(unittest.TestCase):
    DRIVER = {"firmware/drivers/relay.cpp": "", "tests/firmware/drivers/relay_test.cpp": "", "sim/twins/relay.hpp": ""}

    def test_driver(self):
        self.assertEqual(found(rules.pairs, self.DRIVER), [])
        for missing in ("tests/firmware/drivers/relay_test.cpp", "sim/twins/relay.hpp"):
            files = {path: text for path, text in self.DRIVER.items() if path != missing}
            self.assertEqual(found(rules.pairs, files), ["firmware/drivers/relay.cpp:1"])

    def test_a_driver_of_the_host_needs_no_twin(self):
        files = {"firmware/drivers/load.cpp": "", "firmware/drivers/load.hpp": "kind{.reads_host = true};",
                 "tests/firmware/drivers/load_test.cpp": ""}
        self.assertEqual(found(rules.pairs, files), [])

    def test_every_source_has_its_test(self):
        files = {"firmware/protocol/dialects/a.cpp": ""}
        self.assertEqual(found(rules.pairs, files), ["firmware/protocol/dialects/a.cpp:1"])
        self.assertEqual(found(rules.pairs, {**files, "tests/firmware/protocol/dialects/a_test.cpp": ""}), [])

    def test_port(self):
        files = {"hal/pwm.hpp": "class Pwm {\n  virtual void f() = 0;\n};\n", "hal/operation.hpp": "enum class A { b };\n"}
        self.assertEqual(found(rules.pairs, files), ["hal/pwm.hpp:1"])
        self.assertEqual(found(rules.pairs, {**files, "sim/hal/pwm.hpp": ""}), [])


class NamesTest(unittest.TestCase):
    def test_files(self):
        for stem in ("session_manager", "utils", "relay_impl"):
            self.assertEqual(found(rules.names, {f"firmware/base/{stem}.hpp": ""}), [f"firmware/base/{stem}.hpp:1"])
        self.assertEqual(found(rules.names, {"firmware/base/information.hpp": "", "hal/metadata_reader.hpp": ""}), [])

    def test_types(self):
        for text in ("class BusManager {};", "struct Data {", "enum class PinInfo : int {", "using BusImpl = int;",
                     "class Helper final : public A {"):
            self.assertEqual(found(rules.names, {"hal/x.hpp": "\n" + text}), ["hal/x.hpp:2"], text)
        for text in ("class Manages {};", "struct Metadata {};", "struct library_info info = {};", "class DatabaseX {};"):
            self.assertEqual(found(rules.names, {"hal/x.hpp": text}), [], text)


class ForbiddenTest(unittest.TestCase):
    WRONG = ("std::string a;", "std::vector<int> a;", "std::function<void()> a;", "std::map<int, int> a;", "a = new int;",
             "delete a;", "a = malloc(1);", "std::free(a);", "throw 1;", "try {", "dynamic_cast<A*>(b)", "std::thread a;",
             "std::make_unique<A>()", "usleep(1);")
    RIGHT = ("std::string_view a;", "::new (place) A();", "new (place) A();", "A(const A&) = delete;", "pool.free(a);",
             "// a new vector, malloc( throw", 'log("try new");', "#include <new>", "std::unique_ptr<A, Free> a;",
             "void operator delete(void*);", "renew();")

    def test_wrong(self):
        for text in self.WRONG:
            self.assertEqual(found(rules.forbidden, {"firmware/base/x.cpp": "\n" + text}), ["firmware/base/x.cpp:2"], text)
            self.assertEqual(found(rules.forbidden, {"tests/x_test.cpp": text, "sim/x.cpp": text}), [], text)

    def test_right(self):
        for text in self.RIGHT:
            self.assertEqual(found(rules.forbidden, {"hal/linux/x.cpp": text}), [], text)


class SimulationTest(unittest.TestCase):
    def test_conditions(self):
        for text in ("#ifdef SIM", "#if defined(SIMULATOR)", "  #  ifndef SIGNALBOX_SIM", "#elif SIM_HAL"):
            self.assertEqual(found(rules.simulation, {"firmware/base/x.cpp": text}), ["firmware/base/x.cpp:1"], text)
        for text in ("#ifdef SIMD", "// #ifdef SIM", "#if defined(__x86_64__)", "#ifdef Simple"):
            self.assertEqual(found(rules.simulation, {"firmware/base/x.cpp": text}), [], text)


class ClocksTest(unittest.TestCase):
    def test_reading(self):
        for text in ("clock_gettime(A, &b);", "std::chrono::steady_clock::now()", "auto a = time(nullptr);", "std::time(0)"):
            self.assertEqual(found(rules.clocks, {"firmware/link/x.cpp": text}), ["firmware/link/x.cpp:1"], text)
            self.assertEqual(found(rules.clocks, {"firmware/app/x.cpp": text, "hal/linux/x.cpp": text, "sim/main.cpp": text}), [])

    def test_other_times(self):
        for text in ("device_time(a)", "a.time(b)", "std::chrono::milliseconds{1}", "class Clock {};"):
            self.assertEqual(found(rules.clocks, {"firmware/link/x.cpp": text}), [], text)


class LeftoversTest(unittest.TestCase):
    def test_marks(self):
        for text in ("// TODO: more", "/* FIXME */", "TEST(A, DISABLED_b)", "GTEST_SKIP();"):
            self.assertEqual(found(rules.leftovers, {"tests/x_test.cpp": text}), ["tests/x_test.cpp:1"], text)
        self.assertEqual(found(rules.leftovers, {"tests/x_test.cpp": "mkdtemp(XXXXXX)"}), [])


class ScriptsTest(unittest.TestCase):
    def test_imports(self):
        right = {"firmware/web/a/src/x.ts": 'import { y } from "./y.js";\nexport type { Z } from "./z.js";\nconst text = "ws";\n',
                 "firmware/web/a/src/node/x.ts": 'import { z } from "node:tls";\nimport type { Y } from "../y.js";\n'}
        self.assertEqual(found(rules.web_imports, {}, scripts=right), [])
        for line in ('import ws from "ws";', 'import { tls } from "node:tls";', 'import {\n  dial,\n} from "./node/dial.js";', 'export * from "left-pad";'):
            self.assertEqual(len(found(rules.web_imports, {}, scripts={"firmware/web/a/src/x.ts": line + "\n"})), 1, line)
        page = 'import { signal } from "@preact/signals";\nimport "uplot/dist/uPlot.min.css";\n'
        self.assertEqual(found(rules.web_imports, {}, scripts={"firmware/web/dashboard/src/x.tsx": page}), [])
        self.assertEqual(len(found(rules.web_imports, {}, scripts={"firmware/web/a/src/x.ts": page})), 2)
        self.assertEqual(len(found(rules.web_imports, {}, scripts={"firmware/web/dashboard/src/x.tsx": 'import _ from "lodash";\n'})), 1)
        self.assertEqual(len(found(rules.web_imports, {}, scripts={"firmware/web/a/src/cli/x.ts": 'import ws from "ws";\n'})), 1)

    def test_lengths_names_and_leftovers(self):
        self.assertEqual(found(rules.file_lengths, {}, scripts={"firmware/web/a.ts": "\n" * 401})[:1], ["firmware/web/a.ts:401"])
        for path, text in (("firmware/web/utils.ts", ""), ("tests/web/helper.test.mjs", ""), ("firmware/web/a.ts", "interface PathInfo {}\n"),
                           ("firmware/web/a.ts", "type UserData = {};\n")):
            self.assertEqual(found(rules.names, {}, scripts={path: text}), [f"{path}:1"])
        self.assertEqual(found(rules.leftovers, {}, scripts={"tests/web/a.mjs": "// TO" + "DO\n"}), ["tests/web/a.mjs:1"])


class HeadersTest(unittest.TestCase):
    def test_right(self):
        files = {"firmware/base/a.hpp": header("signalbox"), "firmware/link/a.hpp": header("signalbox::link"),
                 "hal/linux/a.hpp": header("signalbox::hal::host"), "sim/twins/a.hpp": header("signalbox::sim"),
                 "firmware/base/check.hpp": "#pragma once\n\n#define A() \\\n  b()\n"}
        self.assertEqual(found(rules.headers, files), [])

    def test_wrong(self):
        for path, text in (("firmware/link/a.hpp", header("signalbox")), ("firmware/link/a.hpp", header("signalbox::base")),
                           ("firmware/base/a.hpp", header("other")), ("hal/a.hpp", header("signalbox::hal")[14:]),
                           ("firmware/link/a.cpp", "int f();\n")):
            self.assertEqual(len(found(rules.headers, {path: text})), 1, text)


if __name__ == "__main__":
    unittest.main()
