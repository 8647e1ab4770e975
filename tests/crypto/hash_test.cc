#include "ticketing/crypto/hash.h"

#include <gtest/gtest.h>

#include <string>

#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

// FIPS 180-4 examples, as published by NIST with the standard.
TEST(HashTest, Sha256OfNistExamples) {
  EXPECT_EQ(HexEncode(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HexEncode(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HexEncode(Sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(HexEncode(Sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(HashTest, HashesCoverBytesAfterAZeroByte) {
  const std::string with_zero("a\0b", 3);
  EXPECT_NE(Sha256(with_zero), Sha256("a"));
  EXPECT_NE(Blake2b256(with_zero), Blake2b256("a"));
  EXPECT_NE(HmacSha256("k", with_zero), HmacSha256("k", "a"));
}

// The expected values are those of Python's hashlib, which is built on the reference code of RFC
// 7693.
TEST(HashTest, Blake2b256AgreesWithTheReference) {
  EXPECT_EQ(HexEncode(Blake2b256("")),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(HexEncode(Blake2b256("abc")),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(HashTest, KeyedBlake2b256AgreesWithTheReference) {
  std::string key;
  for (int i = 0; i < 64; ++i) key.push_back(static_cast<char>(i));
  std::string message;
  for (int i = 0; i < 255; ++i) message.push_back(static_cast<char>(i));
  EXPECT_EQ(HexEncode(KeyedBlake2b256(key, message)),
            "fe7b76a61787c089141f9e10fca1e5092488d89c62ea793fb2c5b1f849b4f2cb");
  EXPECT_EQ(HexEncode(KeyedBlake2b256(key.substr(0, 16), "")),
            "037c7d740ea795902b5aebe210fafffff1f627f74010f8dc79c0d5b8a9fb5847");
}

TEST(HashDeathTest, KeysOfBlake2bHaveTheirLength) {
  EXPECT_DEATH(KeyedBlake2b256(std::string(15, 'k'), ""), "");
  EXPECT_DEATH(KeyedBlake2b256(std::string(65, 'k'), ""), "");
}

// RFC 4231 section 4, cases 1-4, 6 and 7.
TEST(HashTest, HmacSha256OfRfc4231) {
  std::string counting;
  for (int i = 1; i <= 25; ++i) counting.push_back(static_cast<char>(i));
  const struct {
    std::string key;
    std::string data;
    std::string_view tag;
  } kCases[] = {
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting, std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The "
       "key needs to be hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const auto& c : kCases) EXPECT_EQ(HexEncode(HmacSha256(c.key, c.data)), c.tag) << c.data;
}

}  // namespace
}  // namespace ticketing
