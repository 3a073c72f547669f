// Texts that can be read in several ways for a while; the end of each decides.
({ a, b: { c, d: { e, f: { g, h } } } } = x);
const deep = { a, b: { c, d: { e, f: { g, h: { i, j: { k, l: { m, n } } } } } } };
({ a, b: [c, { d }] }) => a;
const f = (a, b = { c, d: { e } }, ...[g]) => ({ a, b });
const g = async (x: A) => await x, h = async (x, y), i = async <T>(x: T): Promise<T> => x;
const j = (a: number, b?: string): a is B => a < b, k = (a), l = ((a), (b));
const m = a < b, n = a<b>(c), o = a<b<c>>(d), p = f(a < b, c > (d)), q = new A<B>, r = a<b>`x`;
for (const x of y) for (const z in w) for (let i = 0, n = x; i < n; i++) x[i]++;
for (let i = () => {}; false; ) break;
label: while (a) { if (b) continue label; else break label }
let s = a ? (b) : c => d, t = a ? (b, c) : d, u = a ? (b): c => d : e;
type V = (a: B) => C; type W = new (...a: B[]) => C; type X = { [K in keyof T]?: T[K] } & (A | B)[];
type Y = A extends (infer B extends C) ? D : E; type Z = `a${B}c`; let type = 1, of = 2, as = 3, async = 4;
abstract class A<T> extends B<T>(c) implements D<T> { static { a } static async *[b]?<T>(this: A, ...c: T[]) {} get d() { return 1 } declare e?: f }
type = as; of = type; var get, set, declare, namespace, module, abstract;
module.exports = get; declare; abstract
class get { get; set; static; async; get get() { return 1 } set set(v) {} static static = 1 }
a
++b
c = d
(e)
var re = /[/]\/(?<a>b)/giu, div = a / b / c, t1 = `a${`b${c}d`}e`, str = "a\
b" + 'c\u{1F600}d';
if (a) function x1() {} else y1
x = <any>y; z = <T>(a: T) => a; z!.a!.b!; x as any as T; x satisfies T;
export default class {} 
export { a as default, type b, c as "d e" } from "x"; export * as ns from "y"; import h1, { type i1 } from "z";
enum E1 { A, "b c", C = A | 1 << 2 } const enum E2 {} declare enum E3 { A }
namespace N.M { export const a = 1 } declare module "x" { const a: 1 } declare global { }
declare const u1: unique symbol;
