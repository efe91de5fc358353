#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The reference: Doxygen over the public headers, with README.md, CONTRIBUTING.md and docs/, into build/docs/html.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/docs
version=$(sed -n 's/^project(Colonnade VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
cat >build/docs/Doxyfile <<END
PROJECT_NAME           = Colonnade
PROJECT_NUMBER         = $version
PROJECT_BRIEF          = "Atoms of each element in every column, from one electron micrograph"
OUTPUT_DIRECTORY       = build/docs
INPUT                  = README.md CONTRIBUTING.md CHANGELOG.md docs src/colonnade
FILE_PATTERNS          = *.h *.md
EXCLUDE_PATTERNS       = *_test.h test_*.h
RECURSIVE              = YES
USE_MDFILE_AS_MAINPAGE = README.md
STRIP_FROM_INC_PATH    = src
STRIP_FROM_PATH        = .
IMAGE_PATH             = docs/images
EXTRACT_ALL            = YES
EXTRACT_STATIC         = YES
JAVADOC_AUTOBRIEF      = YES
AUTOLINK_SUPPORT       = YES
GENERATE_LATEX         = NO
HAVE_DOT               = NO
GENERATE_TREEVIEW      = YES
QUIET                  = YES
WARN_IF_UNDOCUMENTED   = NO
WARN_LOGFILE           = build/docs/warnings.txt
END
doxygen build/docs/Doxyfile
count=$(wc -l <build/docs/warnings.txt)
echo "Doxygen's warnings: $count (build/docs/warnings.txt)"
echo "The reference: $PWD/build/docs/html/index.html"
