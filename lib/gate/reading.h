// A scanned text after its signatures were checked against the keys of its event.
#ifndef TICKETING_LIB_GATE_READING_H_
#define TICKETING_LIB_GATE_READING_H_

#include <memory>
#include <string>

#include "ticketing/admission/decision.h"
#include "ticketing/gate/engine.h"

namespace ticketing {

struct GateEngine::Reading {
  std::string text;  // normalized
  ScannedCode code;
  bool static_form = true;
  // Of the event that the scan is for; null when this place has no copy of it.
  std::shared_ptr<const EventHeader> header;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_GATE_READING_H_
