// From tree to edits. `emit` walks the tree once, in the order of the text, and gives each node to
// the concern that knows it; a concern adds edits and marks what it has dealt with as done. Each
// function below is one concern's entry.
#pragma once

#include "scripting/transpile/unit.hpp"

namespace zako::transpile {

/// Everything: fills `u.edits`, `u.imports` and `u.problems` from `u.tree`.
void emit(unit& u);

// erase.cpp: types and what stands only for types
bool is_erased(const syntax_tree& tree,
               node_id id); // a statement or member that leaves nothing behind
void erase_statement(unit& u, node_id id);
void erase_overload(unit& u, node_id id);    // a method without a body
void check_line(unit& u, node_id word);      // refuses a modifier that a line break makes a name
void erase_annotation(unit& u, node_id id);  // `: T`, `<T>` where nothing else is to be watched
void erase_arrow_types(unit& u, node_id id); // an arrow function's type parameters and return type
void erase_token(unit& u,
                 node_id id); // `?`, `!` and modifiers, where their parent makes them TypeScript's
void erase_this_parameter(unit& u, node_id id); // a parameter that is `this`

// type_checks.cpp
/// Refuses a type, or a declaration of one, that is none in TypeScript.
void check_type(unit& u, node_id id);
void check_type_text(unit& u, kind what, std::uint32_t begin, std::uint32_t end);

// casts.cpp
void erase_cast(unit& u, node_id id); // `x as T`, `x satisfies T`
/// Of its type, in the text; nothing when that cannot be told.
std::optional<std::uint32_t> end_of_cast(const syntax_tree& tree, node_id id);
void erase_type_assertion(unit& u, node_id id); // `<T>x`

// classes.cpp
void emit_member(unit& u, node_id id); // a field or method: modifiers
void emit_constructor(
    unit& u, node_id id); // a method definition: parameter properties, when it is a constructor

// enums.cpp
void emit_enum(unit& u, node_id id);

// emit_namespaces.cpp
/// How an enum or a namespace becomes a function that fills an object: what stands for its text up
/// to and with the opening brace, and for the closing one.
struct object_frame {
  std::uint32_t begin; // of what the head replaces
  std::string head;
  std::string tail;
};
object_frame frame_of(unit& u, node_id id, node_id name, std::string_view parameter);
void emit_namespace(unit& u, node_id id);
void emit_namespace_export(unit& u, node_id id); // an export statement inside a namespace
void qualify_name(unit& u, node_id id);          // a name that may mean what a namespace exports

// jsx.cpp
void emit_jsx(unit& u, node_id id); // an element
void check_attribute(unit& u, node_id id);
void emit_jsx_imports(unit& u); // behind the walk

// modules.cpp
void find_module_names(
    unit& u); // before the walk: what is imported and used, and what is only a type
/// Every name that the file imports, and whether a value needs it. After `emit`.
std::unordered_map<std::string, bool> imported_names(const unit& u);
/// Those of them that values in a part of the file need.
std::unordered_set<std::string_view>
names_used_from_outside(const syntax_tree& tree,
                        const std::unordered_map<std::string, bool>& candidates);
void emit_import(unit& u, node_id id);
void emit_export(unit& u, node_id id);
void emit_import_alias(unit& u, node_id id);
void note_dynamic_import(unit& u, node_id id); // a call

} // namespace zako::transpile
