/* SPDX-License-Identifier: Apache-2.0
 *
 * certificate.h - what to do about a certificate that is refused, for plugins that speak TLS.
 */
#ifndef DK_PLUGINS_CERTIFICATE_H
#define DK_PLUGINS_CERTIFICATE_H

#include <openssl/x509_vfy.h>
#include <stddef.h>

/* Of OpenSSL's verdict, as the end of a sentence. */
static inline const char *
dk_certificate_advice(long verdict)
{
	static const char other_name[] = "name the broker as its certificate does";
	static const char unknown[] = "its authority is unknown; is it in ssl_ca_location?";
	static const struct {
		long verdict;
		const char *advice;
	} rows[] = {
		{ X509_V_ERR_HOSTNAME_MISMATCH, other_name },
		{ X509_V_ERR_IP_ADDRESS_MISMATCH, other_name },
		{ X509_V_ERR_CERT_HAS_EXPIRED, "the broker needs a new one; or is a clock wrong?" },
		{ X509_V_ERR_CERT_NOT_YET_VALID, "is a clock wrong?" },
		{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
		  "to trust it, name it in ssl_ca_location" },
		{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, unknown },
		{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, unknown },
		{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, unknown },
		{ X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, unknown },
		{ X509_V_ERR_CERT_SIGNATURE_FAILURE,
		  "ssl_ca_location has another authority of the same name" },
		{ X509_V_OK, "the broker needs another one" },
	};
	size_t i = 0;

	while (rows[i].verdict != verdict && rows[i].verdict != X509_V_OK)
		i++;
	return rows[i].advice;
}

#endif
