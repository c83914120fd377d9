# SPDX-License-Identifier: Apache-2.0
#
# puback.awk - reads a trace of system calls, and says which PUBACK left before its fdatasync.
#
# Input: strace -f -y -xx. Between the end of the read that completed a PUBLISH and the beginning
# of the write of its PUBACK, an fdatasync must have begun and returned 0. A packet that was sent
# again counts anew. Prints `N acknowledged, N too early` and each that was too early.

BEGIN {
	for (i = 0; i < 256; i++)
		value[sprintf("%02x", i)] = i
}

# The bytes of all strings in a line, after those of an earlier line of the same stream.
function append(stream, text,    parts, count, i) {
	count = split(text, parts, "\\\\x")
	for (i = 2; i <= count; i++)
		bytes[stream, ++length_of[stream]] = value[substr(parts[i], 1, 2)]
}

# Where the next whole packet of a stream begins and ends; 0 if there is none yet.
function next_packet(stream,    at, shift, size, byte) {
	body = start[stream] + 2
	shift = 1
	size = 0
	do {
		if (body > length_of[stream])
			return 0
		byte = bytes[stream, body++]
		size += (byte % 128) * shift
		shift *= 128
	} while (byte >= 128)
	end = body + size - 1
	return end <= length_of[stream]
}

function packet_id(stream, at) {
	return bytes[stream, at] * 256 + bytes[stream, at + 1]
}

# QoS 1 only: type 3 with the QoS bits 01.
function published(stream, moment,    kind, topic) {
	kind = bytes[stream, start[stream] + 1]
	if (int(kind / 16) == 3 && int(kind / 2) % 4 == 1) {
		topic = bytes[stream, body] * 256 + bytes[stream, body + 1]
		read_at[socket, packet_id(stream, body + 2 + topic)] = moment
	}
}

# The last fdatasync that was well when the write began must have begun after the read.
function acknowledged(stream, moment, synced,    id) {
	if (bytes[stream, start[stream] + 1] != 64)
		return
	id = packet_id(stream, body)
	count++
	if (!((socket, id) in read_at)) {
		printf "line %d: packet %d was acknowledged and never read\n", moment, id
		early++
	} else if (synced <= read_at[socket, id]) {
		printf "line %d: packet %d, read at line %d, was acknowledged too early\n",
			moment, id, read_at[socket, id]
		early++
	}
	delete read_at[socket, id]
}

# Whether what was written began with a CONNECT: Kafka's bytes may look like any packet.
function is_mqtt(written,    at) {
	for (at = 5; at <= 8; at++)
		if (bytes[written, 1] == 16 && bytes[written, at] == 77 && bytes[written, at + 1] == 81 &&
		    bytes[written, at + 2] == 84 && bytes[written, at + 3] == 84)
			return 1
	return 0
}

function packets(stream, is_read, moment, synced) {
	while (is_mqtt("w" socket) && next_packet(stream)) {
		if (is_read)
			published(stream, moment)
		else
			acknowledged(stream, moment, synced)
		start[stream] = end
	}
}

# What follows a descriptor in <>, as text: -xx writes paths in hexadecimal too.
function named(arguments,    parts, count, i, text) {
	sub(/>.*/, "", arguments)
	count = split(arguments, parts, "\\\\x")
	for (i = 2; i <= count; i++)
		text = text sprintf("%c", value[parts[i]])
	return text
}

function call_ended(name, begun, arguments, result, synced,    path) {
	path = named(arguments)
	if (name == "fdatasync" && result == 0 && index(path, folder) == 1 && begun > synced_from)
		synced_from = begun
	if (result <= 0 || path !~ /^socket/)
		return
	socket = path
	sub(/^[^>]*>/, "", arguments)
	if (name == "read" || name == "recvfrom" || name == "recvmsg")  {
		append("r" socket, arguments)
		packets("r" socket, 1, NR)
	} else if (name != "fdatasync") {
		append("w" socket, arguments)
		packets("w" socket, 0, begun, synced)
	}
}

{
	thread = $1
	line = substr($0, index($0, " ") + 1)
	sub(/^ +/, "", line)
	result = line
	sub(/^.*\) += /, "", result)
	result += 0
}

/<unfinished \.\.\.>$/ {
	name = line
	sub(/\(.*/, "", name)
	begun_at[thread, name] = NR
	synced_then[thread, name] = synced_from
	sub(/^[a-z0-9_]+\(/, "", line)
	sub(/<unfinished \.\.\.>$/, "", line)
	begun_with[thread, name] = line
	next
}

/<\.\.\. [a-z0-9_]+ resumed>/ {
	sub(/^<\.\.\. /, "", line)
	name = line
	sub(/ .*/, "", name)
	sub(/^[a-z0-9_]+ resumed>/, "", line)
	call_ended(name, begun_at[thread, name], begun_with[thread, name] line, result,
		synced_then[thread, name])
	next
}

/^[0-9]+ +[a-z0-9_]+\(/ {
	name = line
	sub(/\(.*/, "", name)
	sub(/^[a-z0-9_]+\(/, "", line)
	call_ended(name, NR, line, result, synced_from)
}

END {
	printf "%d acknowledged, %d too early\n", count, early
}
