// The texts of the mails: one template per message and form, and the words of each language that
// stand in them.
#ifndef TICKETING_LIB_NOTIFICATION_MESSAGES_H_
#define TICKETING_LIB_NOTIFICATION_MESSAGES_H_

#include <span>
#include <string_view>

namespace ticketing::notification {

struct MessageTemplate {
  std::string_view name;
  std::string_view subject;
  std::string_view text;
  std::string_view html_content;  // stands inside kHtmlFrame
};

// A phrase in every language; templates name it "t.<key>".
struct Phrase {
  std::string_view key;
  std::string_view spanish;
  std::string_view english;
};

std::span<const MessageTemplate> MessageTemplates();
std::span<const Phrase> Phrases();

// The page around every HTML mail, in two halves.
std::string_view HtmlFrameHead();
std::string_view HtmlFrameFoot();

}  // namespace ticketing::notification

#endif  // TICKETING_LIB_NOTIFICATION_MESSAGES_H_
