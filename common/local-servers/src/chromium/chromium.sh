#!/bin/sh
# Chromium as it was unpacked, with the libraries and the fonts that lie beside it.
here=$(cd "$(dirname "$0")" && pwd)
libraries=
for folder in "$here"/lib/*-linux-gnu* "$here"/usr/lib/*-linux-gnu* "$here"/usr/lib/*-linux-gnu*/pulseaudio; do
    libraries=${libraries:+$libraries:}$folder
done
export LD_LIBRARY_PATH="$libraries" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/usr/lib/chromium/chromium" "$@"
