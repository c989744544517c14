#!/bin/sh
# Makes the signature vectors with openssl, which shares nothing with our code.
# Run it here; the keys are for tests only. Texts are as reference kayaaku 2.1
# has them: sourceSystem, a line feed, the compact object.
set -eu
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out merchant.pem 2>/dev/null
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out host.pem 2>/dev/null
openssl pkey -in merchant.pem -pubout -out merchant.pub
openssl pkey -in host.pem -pubout -out host.pub
printf 'ABC\n{"Email":"till@example.com","TxnID":"7K2Q9M4X1C0ZT5AB","sourceSystem":"ABC","sequenceNo":"0000000000000001"}' > enquiry.txt
openssl dgst -sha256 -sign merchant.pem enquiry.txt | openssl base64 -A > enquiry.sig
printf '{"TxnID":"7K2Q9M4X1C0ZT5AB","RespCd":"00","RespDesc":"Approved & done","sourceSystem":"ABC","sequenceNo":"0000000000000001"}' > answer-plain.txt
{ printf 'ABC\n'; cat answer-plain.txt; } > answer.txt
openssl dgst -sha256 -sign host.pem answer.txt | openssl base64 -A > answer.sig
openssl dgst -sha256 -sign host.pem answer-plain.txt | openssl base64 -A > answer-plain.sig
openssl dgst -sha256 -sign host.pem answer.txt | od -An -v -tx1 | tr -d ' \n' > answer.hex
