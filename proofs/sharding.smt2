; Sharding does not weaken deterrence. A slice with share s of the work has fee s*p and saving s*d; ejection still costs f.
(set-logic QF_NRA)
(declare-const p Real)
(declare-const d Real)
(declare-const f Real)
(declare-const q Real)
(declare-const s Real)
(declare-const t Real)
(assert (and (> p 0) (>= d 0) (>= f 0) (<= 0 q 1)))
; Gain of a cheat in a slice over honest work.
(define-fun gain ((share Real)) Real (- (* share d) (* q (+ (* share p) f))))

; Theorem: if cheating does not pay in the whole, it does not pay in any slice.
(push)
(assert (and (< 0 s) (<= s 1) (<= (gain 1) 0) (> (gain s) 0)))
(check-sat) ; expect: unsat
(pop)

; Theorem: of two slices the smaller is deterred at least as well.
(push)
(assert (and (< 0 s) (<= s t) (<= (gain t) 0) (> (gain s) 0)))
(check-sat) ; expect: unsat
(pop)

; Theorem, for any number of slices, by induction: who cheats in n slices of total share at most 1, each at a franchise of its own,
; gains g_n <= 0 in all; one more slice leaves it so. (The base g_0 = 0 is trivial.)
(push)
(declare-const g Real)
(assert (and (<= g 0) (< 0 s) (<= 0 t) (<= (+ s t) 1) (<= (gain 1) 0) (> (+ g (gain s)) 0)))
(check-sat) ; expect: unsat
(pop)

; Controls: a share above 1; a franchise that shrinks faster than the slice; deterrence of a slice does not carry over to the whole.
(push)
(assert (and (> s 1) (<= (gain 1) 0) (> (gain s) 0)))
(check-sat) ; expect: sat
(pop)
(push)
(assert (and (< 0 s 1) (<= (gain 1) 0) (> (- (* s d) (* q (+ (* s p) (* s s f)))) 0)))
(check-sat) ; expect: sat
(pop)
(push)
(assert (and (< 0 s 1) (> (gain 1) 0) (<= (gain s) 0)))
(check-sat) ; expect: sat
(pop)
