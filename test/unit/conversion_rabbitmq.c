/* SPDX-License-Identifier: Apache-2.0
 *
 * conversion_rabbitmq.c - facts to and from AMQP 0-9-1: properties as librabbitmq encodes them.
 */
#include "plugins/rabbitmq/message.h"
#include "plugins/rabbitmq/rabbitmq.h"
#include "test/unit/conversion.h"

#define FRAME 131072

/* The properties that are texts. */
static const struct {
	const char *field;
	amqp_flags_t flag;
	size_t offset;
} texts[] = {
	{ "content-type", AMQP_BASIC_CONTENT_TYPE_FLAG,
	  offsetof(amqp_basic_properties_t, content_type) },
	{ "content-encoding", AMQP_BASIC_CONTENT_ENCODING_FLAG,
	  offsetof(amqp_basic_properties_t, content_encoding) },
	{ "correlation-id", AMQP_BASIC_CORRELATION_ID_FLAG,
	  offsetof(amqp_basic_properties_t, correlation_id) },
	{ "reply-to", AMQP_BASIC_REPLY_TO_FLAG, offsetof(amqp_basic_properties_t, reply_to) },
	{ "expiration", AMQP_BASIC_EXPIRATION_FLAG, offsetof(amqp_basic_properties_t, expiration) },
	{ "message-id", AMQP_BASIC_MESSAGE_ID_FLAG, offsetof(amqp_basic_properties_t, message_id) },
	{ "type", AMQP_BASIC_TYPE_FLAG, offsetof(amqp_basic_properties_t, type) },
	{ "user-id", AMQP_BASIC_USER_ID_FLAG, offsetof(amqp_basic_properties_t, user_id) },
	{ "app-id", AMQP_BASIC_APP_ID_FLAG, offsetof(amqp_basic_properties_t, app_id) },
	{ "cluster-id", AMQP_BASIC_CLUSTER_ID_FLAG, offsetof(amqp_basic_properties_t, cluster_id) },
};

static amqp_pool_t pool;

static void
begin(void)
{
	init_amqp_pool(&pool, 65536);
}

static void
end(void)
{
	empty_amqp_pool(&pool);
}

/* --- Headers --- */

/* A value as bytes: it stands alone in a table. */
static struct dk_slice
encode_value(amqp_field_value_t value)
{
	amqp_table_entry_t entry = { amqp_cstring_bytes("v"), value };
	amqp_table_t table = { 1, &entry };
	amqp_bytes_t bytes = { FRAME, keep(FRAME) };
	size_t offset = 0;

	assert_int_equal(amqp_encode_table(bytes, &table, &offset), AMQP_STATUS_OK);
	return (struct dk_slice){ bytes.bytes, offset };
}

static amqp_field_value_t
decode_value(struct dk_slice bytes)
{
	amqp_table_t table;
	size_t offset = 0;

	assert_int_equal(amqp_decode_table((amqp_bytes_t){ bytes.length, (void *)bytes.data },
					   &pool, &table, &offset),
			 AMQP_STATUS_OK);
	return table.entries[0].value;
}

static amqp_field_value_t
value_of(const struct fact *fact)
{
	amqp_field_value_t value = { .kind = (uint8_t)fact->kind };

	switch (fact->kind) {
	case 'S':
	case 'x':
		value.value.bytes = rabbitmq_bytes(fact->value);
		return value;
	case 'F':
	case 'A':
		return decode_value(fact->value);
	case 'V':
		return value;
	case 't':
		value.value.boolean = fact->value.data[0] == '1';
		return value;
	case 'd':
		value.value.f64 = strtod(fact->value.data, NULL);
		return value;
	case 'I':
		value.value.i32 = (int32_t)number_of(fact);
		return value;
	default:
		value.value.i64 = number_of(fact);
		return value;
	}
}

static void
add_header(struct facts *facts, const amqp_table_entry_t *entry)
{
	const amqp_field_value_t *value = &entry->value;
	struct dk_slice text;

	switch (value->kind) {
	case 'S':
	case 'x':
		text = keep_bytes(value->value.bytes.bytes, value->value.bytes.len);
		break;
	case 'F':
	case 'A':
		text = encode_value(*value);
		break;
	case 'V':
		text = (struct dk_slice){ NULL, 0 };
		break;
	case 't':
		text = keep_text("%d", value->value.boolean ? 1 : 0);
		break;
	case 'd':
		text = keep_text("%.17g", value->value.f64);
		break;
	case 'I':
		text = keep_text("%d", value->value.i32);
		break;
	default:
		text = keep_text("%lld", (long long)value->value.i64);
		break;
	}
	add_fact(facts, "header", keep_bytes(entry->key.bytes, entry->key.len), (char)value->kind,
		 text);
}

/* --- A client that sends --- */

static bool
set_text(amqp_basic_properties_t *properties, const struct fact *fact)
{
	for (size_t i = 0; i < ROWS(texts); i++)
		if (is_field(fact, texts[i].field)) {
			properties->_flags |= texts[i].flag;
			*(amqp_bytes_t *)(void *)((char *)properties + texts[i].offset) =
				rabbitmq_bytes(fact->value);
			return true;
		}
	return false;
}

static void
set_header(amqp_basic_properties_t *properties, const struct fact *fact)
{
	amqp_table_t *table = &properties->headers;

	properties->_flags |= AMQP_BASIC_HEADERS_FLAG;
	if (!table->entries)
		table->entries = keep(FACTS * sizeof(*table->entries));
	table->entries[table->num_entries++] =
		(amqp_table_entry_t){ rabbitmq_bytes(fact->name), value_of(fact) };
}

static void
set(amqp_basic_properties_t *properties, const struct fact *fact)
{
	if (is_field(fact, "header")) {
		set_header(properties, fact);
	} else if (is_field(fact, "delivery-mode")) {
		properties->_flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
		properties->delivery_mode = (uint8_t)number_of(fact);
	} else if (is_field(fact, "priority")) {
		properties->_flags |= AMQP_BASIC_PRIORITY_FLAG;
		properties->priority = (uint8_t)number_of(fact);
	} else if (is_field(fact, "timestamp")) {
		properties->_flags |= AMQP_BASIC_TIMESTAMP_FLAG;
		properties->timestamp = (uint64_t)number_of(fact);
	} else if (!is_field(fact, "payload")) {
		assert_true(set_text(properties, fact));
	}
}

/* There and back as the library writes them. */
static amqp_basic_properties_t *
over_the_wire(amqp_basic_properties_t *properties)
{
	amqp_bytes_t bytes = { FRAME, keep(FRAME) };
	int length = amqp_encode_properties(AMQP_BASIC_CLASS, properties, bytes);
	void *decoded;

	assert_true(length > 0);
	bytes.len = (size_t)length;
	assert_int_equal(amqp_decode_properties(AMQP_BASIC_CLASS, &pool, bytes, &decoded),
			 AMQP_STATUS_OK);
	return decoded;
}

static void
receive_one(const struct facts *sent, struct dk_message *message)
{
	const struct rabbitmq_envelope envelope = { .tag = 1, .key = "k", .key_length = 1 };
	const struct fact *payload = find_fact(sent, "payload");
	amqp_basic_properties_t properties = { 0 };
	struct rabbitmq_message *read;

	for (size_t i = 0; i < sent->count; i++)
		set(&properties, &sent->list[i]);
	read = rabbitmq_message_read(&envelope, NULL, over_the_wire(&properties),
				     payload->value.length);
	if (payload->value.length > 0)
		memcpy(read->body, payload->value.data, payload->value.length);
	keep_message(message, &read->message);
	free(read);
}

static void
receive(const struct facts *sent, struct dk_message *messages, size_t count)
{
	for (size_t i = 0; i < count; i++)
		receive_one(&sent[i], &messages[i]);
	recycle_amqp_pool(&pool);
}

/* --- A client that gets --- */

static void
add_properties(struct facts *got, const amqp_basic_properties_t *properties)
{
	for (size_t i = 0; i < ROWS(texts); i++) {
		const amqp_bytes_t *text =
			(const void *)((const char *)properties + texts[i].offset);

		if (properties->_flags & texts[i].flag)
			add_text(got, texts[i].field, keep_bytes(text->bytes, text->len));
	}
	if (properties->_flags & AMQP_BASIC_DELIVERY_MODE_FLAG)
		add_number(got, "delivery-mode", properties->delivery_mode);
	if (properties->_flags & AMQP_BASIC_PRIORITY_FLAG)
		add_number(got, "priority", properties->priority);
	if (properties->_flags & AMQP_BASIC_TIMESTAMP_FLAG)
		add_number(got, "timestamp", (int64_t)properties->timestamp);
	if (properties->_flags & AMQP_BASIC_HEADERS_FLAG)
		for (int i = 0; i < properties->headers.num_entries; i++)
			add_header(got, &properties->headers.entries[i]);
}

static void
deliver(const struct dk_delivery *deliveries, struct facts *got, size_t count)
{
	struct rabbitmq_content content = { 0 };

	for (size_t i = 0; i < count; i++) {
		amqp_bytes_t body = rabbitmq_bytes(deliveries[i].message->payload);
		struct dk_error error;

		got[i].is_rejected =
			rabbitmq_content_write(&content, &deliveries[i], true, FRAME, &error) != 0;
		if (got[i].is_rejected)
			continue;
		add_text(&got[i], "payload", keep_bytes(body.bytes, body.len));
		add_properties(&got[i], over_the_wire(&content.properties));
	}
	rabbitmq_content_free(&content);
	recycle_amqp_pool(&pool);
}

/* --- Chance --- */

static amqp_field_value_t
invent_leaf(uint64_t *state)
{
	amqp_field_value_t value = { .kind = AMQP_FIELD_KIND_I32 };
	struct dk_slice bytes;

	value.value.i32 = (int32_t)chance(state);
	if (chance_below(state, 2)) {
		value.kind = chance_below(state, 2) ? AMQP_FIELD_KIND_UTF8 : AMQP_FIELD_KIND_BYTES;
		bytes = value.kind == AMQP_FIELD_KIND_UTF8 ? invent_text(state, 12)
							   : invent_bytes(state, 12);
		value.value.bytes = rabbitmq_bytes(bytes);
	}
	return value;
}

static struct dk_slice
invent_nested(uint64_t *state, char kind)
{
	amqp_field_value_t leaves[3], value = { .kind = (uint8_t)kind };
	amqp_table_entry_t entries[3];
	int count = (int)chance_below(state, 4);

	for (int i = 0; i < count; i++) {
		leaves[i] = invent_leaf(state);
		entries[i] = (amqp_table_entry_t){ rabbitmq_bytes(invent_name(state)), leaves[i] };
	}
	if (kind == 'F')
		value.value.table = (amqp_table_t){ count, entries };
	else
		value.value.array = (amqp_array_t){ count, leaves };
	return encode_value(value);
}

static struct dk_slice
invent_value(uint64_t *state, char kind)
{
	switch (kind) {
	case 'S':
		return chance_below(state, 8) ? invent_text(state, 40) : invent_bytes(state, 40);
	case 'x':
		return chance_below(state, 2) ? invent_text(state, 40) : invent_bytes(state, 40);
	case 'F':
	case 'A':
		return invent_nested(state, kind);
	case 'V':
		return (struct dk_slice){ NULL, 0 };
	case 't':
		return keep_text("%u", chance_below(state, 2));
	case 'd':
		return keep_text("%.17g", (double)(int64_t)chance(state) / 3);
	case 'T':
		return keep_text("%u", chance_below(state, 2000000000));
	case 'I':
		return keep_text("%d", (int32_t)chance(state));
	default:
		return keep_text("%lld", (long long)chance(state));
	}
}

/* AMQP forbids to repeat names, and brokers pass them on: strings alone are repeated. */
static void
invent_header(uint64_t *state, struct facts *facts)
{
	static const char kinds[] = "SSSSxxFAVtdTIl";
	static const char *const fields[] = { "content-type", "correlation-id", "reply-to",
					      "message-id", "amqp-correlation-id" };
	char kind = kinds[chance_below(state, sizeof(kinds) - 1)];
	struct dk_slice name = invent_name(state);

	if (kind != 'S')
		name = keep_text("%zu.%.*s", facts->count, (int)name.length, name.data);
	if (chance_below(state, 30) == 0)
		name = keep_text("bad\x01%zu", facts->count);
	if (kind == 'S' && chance_below(state, 20) == 0)
		name = keep_text("%s", fields[chance_below(state, ROWS(fields))]);
	if (kind == 'S' && chance_below(state, 20) == 0) {
		name = keep_text("%.*s" CODED, (int)name.length, name.data);
		add_fact(facts, "header", name, kind, invent_coded(state));
		return;
	}
	add_fact(facts, "header", name, kind, invent_value(state, kind));
}

static void
invent_texts(uint64_t *state, struct facts *facts)
{
	for (size_t i = 0; i < ROWS(texts); i++) {
		if (chance_below(state, 3) > 0)
			continue;
		if (is_field(&(struct fact){ .field = texts[i].field }, "expiration"))
			add_text(facts, "expiration",
				 chance_below(state, 8)
					 ? keep_text("%u", chance_below(state, 1u << 31))
					 : keep_text("soon"));
		else
			add_text(facts, texts[i].field,
				 chance_below(state, 12) ? invent_text(state, SHORT)
							 : invent_bytes(state, SHORT));
	}
}

static void
invent(uint64_t *state, struct facts *facts)
{
	unsigned headers = chance_below(state, 10);

	add_text(facts, "payload", invent_bytes(state, 3000));
	invent_texts(state, facts);
	if (chance_below(state, 2))
		add_number(facts, "delivery-mode", 1 + chance_below(state, 2));
	if (chance_below(state, 2))
		add_number(facts, "priority", chance_below(state, 256));
	if (chance_below(state, 2))
		add_number(facts, "timestamp",
			   chance_below(state, 20) ? 1700000000 + chance_below(state, 1000000) : 0);
	while (headers-- > 0)
		invent_header(state, facts);
}

const struct protocol rabbitmq_protocol = { "AMQP", begin, end, invent, receive, deliver };
