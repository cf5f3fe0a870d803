#!/bin/sh
# Copy what the pages use from node_modules to a folder of their own, with the licences. Bare names of modules become paths.
# usage: assets/web/vendor.sh NODE_MODULES TARGET
set -eu
from=$1 to=$2
mkdir -p "$to"
module() { sed -e 's/from"preact"/from".\/preact.js"/' -e '/^\/\/# sourceMappingURL=/d' "$from/$1" > "$to/$2"; }
module preact/dist/preact.mjs preact.js
module preact/hooks/dist/hooks.mjs hooks.js
module htm/dist/htm.module.js htm.js
cp "$from/preact/LICENSE" "$to/preact-licence.txt"
cp "$from/htm/LICENSE" "$to/htm-licence.txt"
for family in sans serif; do
  cp "$from/@fontsource-variable/noto-$family/LICENSE" "$to/noto-$family-licence.txt"
  for part in latin latin-ext; do
    cp "$from/@fontsource-variable/noto-$family/files/noto-$family-$part-wght-normal.woff2" "$to/noto-$family-$part.woff2"
  done
done
