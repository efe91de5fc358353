// SPDX-License-Identifier: GPL-3.0-or-later
// For tests of what is refused.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "colonnade/core/error.h"

namespace colonnade {

/// What the Error says that the call ends in; "no error" where it ends in none. Fails the test on more than one line.
template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
  }
  return "no error";
}

}  // namespace colonnade
