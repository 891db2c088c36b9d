# GSD against the format's own library: it opens what is written, and what it writes is read.
if needs python:gsd python:numpy; then
    check "GSD's library opens what is written, and what it writes is read" \
        "$(python_with gsd numpy)" "$here/python/gsd_files.py" dotnet "$program"
fi
