// The start-up snapshot: how it is made, kept in a file, and opened.
//
// The file: eight bytes of magic; a digest of what it was made for (V8's version and the built-in
// modules); a digest of the blob; the blob. V8 ends the process for a blob of another version, and
// does not see every damage, so neither ever reaches it.
#include "scripting/isolate/realm_snapshot.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "engine/script.hpp"
#include "scripting/builtins.hpp"
#include "scripting/isolate/script_run.hpp"
#include "scripting/isolate/syscall_module.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

constexpr std::string_view magic = "zakosnap";
constexpr std::uint32_t maker_slot = 1; // of the isolate's data; 0 is a run's
/// A larger one (zako:semver) costs every realm more than it spares the few scripts that import it.
constexpr std::size_t largest_module = 32'768;
constexpr std::size_t header_size = magic.size() + 2 * sizeof(digest::bytes);

constexpr std::array kinds{script_context::package, script_context::build,
                           script_context::rule,    script_context::toolchain,
                           script_context::config,  script_context::library};

std::string_view text_of(const digest& d) {
  return {reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size()};
}

/// What a snapshot must have been made for.
const digest& wanted_for() {
  static const digest made = [] {
    return hasher().update(v8::V8::GetVersion()).update(builtins_digest()).finish();
  }();
  return made;
}

void add_module(std::string_view id, std::vector<std::string_view>& out) {
  if (id == syscall_module_id) {
    if (std::find(out.begin(), out.end(), id) == out.end())
      out.push_back(id);
    return;
  }
  auto* module = find_builtin(id);
  if (!module || std::find(out.begin(), out.end(), module->id) != out.end())
    return;
  for (auto import : module->imports)
    add_module(import, out);
  if (std::find(out.begin(), out.end(), module->id) == out.end())
    out.push_back(module->id);
}

/// The modules of a kind's realm: those that run around every script, and those that it may import;
/// each after what it imports.
const std::vector<std::string_view>& modules_of(script_context kind) {
  static const auto all = [] {
    std::array<std::vector<std::string_view>, kinds.size()> lists;
    for (auto k : kinds) {
      auto& list = lists[static_cast<std::size_t>(k)];
      add_module(runtime_module_id, list);
      for (auto& module : builtin_modules())
        if (may_import(k, module.id) && module.javascript.size() <= largest_module)
          add_module(module.id, list);
    }
    return lists;
  }();
  return all[static_cast<std::size_t>(kind)];
}

std::string message_text(v8::Isolate* isolate, v8::Local<v8::Message> message) {
  if (message.IsEmpty())
    return "no message";
  return fmt::format("{} (line {})", v8_compat::utf8(isolate, message->Get()),
                     message->GetLineNumber(isolate->GetCurrentContext()).FromMaybe(0));
}

/// Makes one kind's realm: compiles, links and evaluates its modules.
class realm_maker {
public:
  realm_maker(v8::Isolate* isolate, v8::Local<v8::Context> context)
      : isolate_(isolate), context_(context) {
    isolate_->SetData(maker_slot, this);
  }
  ~realm_maker() { isolate_->SetData(maker_slot, nullptr); }
  realm_maker(const realm_maker&) = delete;
  realm_maker& operator=(const realm_maker&) = delete;

  result<void> add(std::string_view id) {
    v8::TryCatch caught(isolate_);
    auto failed = [&](std::string_view what, v8::Local<v8::Value> reason = {}) {
      auto message =
          reason.IsEmpty() ? caught.Message() : v8::Exception::CreateMessage(isolate_, reason);
      return fail(errc::internal, fmt::format("the built-in module {} {}: {}", id, what,
                                              message_text(isolate_, message)));
    };
    v8::Local<v8::Module> module;
    if (id == syscall_module_id) {
      module = make_syscall_module(isolate_);
    } else {
      v8::ScriptCompiler::Source source(to_v8(isolate_, find_builtin(id)->javascript),
                                        v8_compat::module_origin(isolate_, to_v8(isolate_, id)));
      if (!v8::ScriptCompiler::CompileModule(isolate_, &source).ToLocal(&module))
        return failed("is not JavaScript");
    }
    modules.push_back({id, module});
    if (module->InstantiateModule(context_, resolve).IsNothing())
      return failed("cannot be linked");
    v8::Local<v8::Value> done;
    if (!module->Evaluate(context_).ToLocal(&done))
      return failed("fails");
    context_->GetMicrotaskQueue()->PerformCheckpoint(isolate_);
    auto promise = done.As<v8::Promise>();
    if (promise->State() == v8::Promise::kPending)
      return failed("waits for something");
    if (promise->State() == v8::Promise::kRejected)
      return failed("fails", promise->Result());
    return {};
  }

  std::vector<realm_snapshot::realm::module> modules;

private:
  static v8::MaybeLocal<v8::Module> resolve(v8::Local<v8::Context>, v8::Local<v8::String> specifier,
                                            v8::Local<v8::FixedArray>, v8::Local<v8::Module>) {
    auto* isolate = v8::Isolate::GetCurrent();
    auto& self = *static_cast<realm_maker*>(isolate->GetData(maker_slot));
    auto id = v8_compat::utf8(isolate, specifier);
    auto found =
        std::find_if(self.modules.begin(), self.modules.end(), [&](auto& m) { return m.id == id; });
    if (found != self.modules.end())
      return found->module;
    isolate->ThrowException(
        v8::Exception::Error(to_v8(isolate, fmt::format("there is no module '{}'", id))));
    return {};
  }

  v8::Isolate* isolate_;
  v8::Local<v8::Context> context_;
};

/// Adds one kind's realm to the snapshot. Contexts have the indices of `kinds`, a realm's modules
/// those of `modules_of`.
result<void> add_realm(v8::SnapshotCreator& creator, script_context kind) {
  auto* isolate = creator.GetIsolate();
  v8::HandleScope handles(isolate);
  auto context = v8::Context::New(isolate);
  v8::Context::Scope in_context(context);
  realm_maker maker(isolate, context);
  for (auto id : modules_of(kind))
    if (auto added = maker.add(id); !added)
      return added;
  for (std::size_t i = 0; i < maker.modules.size(); ++i)
    if (creator.AddData(context, maker.modules[i].module) != i)
      return fail(errc::internal, "the snapshot numbers modules in an order of its own");
  if (creator.AddContext(context) != static_cast<std::size_t>(kind))
    return fail(errc::internal, "the snapshot numbers realms in an order of its own");
  return {};
}

} // namespace

realm_snapshot::realm_snapshot(std::string bytes) : bytes_(std::move(bytes)) {
  blob_ = {bytes_.data() + header_size, static_cast<int>(bytes_.size() - header_size)};
}

const std::intptr_t* realm_snapshot::external_references() {
  static const auto all = [] {
    auto out = syscall_references();
    out.push_back(0);
    return out;
  }();
  return all.data();
}

result<realm_snapshot> realm_snapshot::make() {
  v8::SnapshotCreator creator(external_references());
  creator.GetIsolate()->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  std::optional<error> failed;
  for (auto kind : kinds)
    if (auto added = add_realm(creator, kind); !added && !failed)
      failed = std::move(added.error());
  {
    v8::HandleScope handles(creator.GetIsolate());
    creator.SetDefaultContext(v8::Context::New(creator.GetIsolate()));
  }
  // Functions keep their bytecode: a realm runs without compiling anything.
  auto blob = creator.CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kKeep);
  std::unique_ptr<const char[]> hold(blob.data);
  if (failed)
    return tl::unexpected(std::move(*failed));
  if (!blob.data)
    return fail(errc::internal, "V8 makes no snapshot");
  std::string_view bytes(blob.data, static_cast<std::size_t>(blob.raw_size));
  return realm_snapshot(
      fmt::format("{}{}{}{}", magic, text_of(wanted_for()), text_of(digest_of(bytes)), bytes));
}

std::optional<realm_snapshot> realm_snapshot::read(const std::string& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() <= 0)
    return std::nullopt;
  std::string bytes(static_cast<std::size_t>(in.tellg()), '\0');
  in.seekg(0);
  if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    return std::nullopt;
  std::string_view text = bytes;
  constexpr auto digest_size = sizeof(digest::bytes);
  if (text.size() <= header_size || !text.starts_with(magic) ||
      text.substr(magic.size(), digest_size) != text_of(wanted_for()) ||
      text.substr(magic.size() + digest_size, digest_size) !=
          text_of(digest_of(text.substr(header_size))))
    return std::nullopt;
  return realm_snapshot(std::move(bytes));
}

result<void> realm_snapshot::write(const std::string& file) const {
  auto unfinished = fmt::format("{}.{}", file, ::getpid());
  std::ofstream out(unfinished, std::ios::binary);
  out << bytes_;
  out.close();
  if (out && std::rename(unfinished.c_str(), file.c_str()) == 0)
    return {};
  std::remove(unfinished.c_str());
  return fail(errc::io, fmt::format("cannot write '{}'", file));
}

std::optional<realm_snapshot::realm> realm_snapshot::open(v8::Isolate* isolate, script_context kind,
                                                          v8::MicrotaskQueue* microtasks) {
  realm out;
  if (!v8::Context::FromSnapshot(isolate, static_cast<std::size_t>(kind), {}, nullptr, {},
                                 microtasks)
           .ToLocal(&out.context))
    return std::nullopt;
  auto& ids = modules_of(kind);
  out.modules.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    v8::Local<v8::Module> module;
    if (!out.context->GetDataFromSnapshotOnce<v8::Module>(i).ToLocal(&module))
      return std::nullopt;
    out.modules.push_back({ids[i], module});
  }
  return out;
}

} // namespace zako
