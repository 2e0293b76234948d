# Writes MANIFEST to TO with the SHA-256 of LIBRARY in its "sha256" member.
file(SHA256 ${LIBRARY} digest)
file(READ ${MANIFEST} text)
get_filename_component(name ${LIBRARY} NAME)
string(JSON text SET "${text}" sha256 "\"${digest}\"")
string(JSON text SET "${text}" library "\"${name}\"")
file(WRITE ${TO} "${text}\n")
