// Documents made nodes. Takes time and memory in proportion to what the root leads to, and no recursion:
// circles of references are circles of nodes.
#pragma once

#include <deque>

#include "base/error.hpp"
#include "payload/schema/documents.hpp"
#include "payload/schema/node.hpp"

namespace mq {

// The node of `root`; `nodes` owns it and all others, and none of them points into `documents`.
Result<const SchemaNode*> compiled_schema(SchemaDocuments& documents, const SchemaPlace& root,
                                          std::deque<SchemaNode>& nodes);

}  // namespace mq
