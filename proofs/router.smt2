; The router's dynamic programme is sound and optimal on every instance of five offers over four layers: ranges and prices unknown.
; d_b is the cheapest way from boundary b to 4, as the code computes it from the last boundary backward.
(set-logic QF_LIA)
(declare-const f0 Int)
(declare-const e0 Int)
(declare-const p0 Int)
(assert (and (<= 0 f0) (< f0 e0) (<= e0 4) (<= 0 p0 1000)))
(declare-const f1 Int)
(declare-const e1 Int)
(declare-const p1 Int)
(assert (and (<= 0 f1) (< f1 e1) (<= e1 4) (<= 0 p1 1000)))
(declare-const f2 Int)
(declare-const e2 Int)
(declare-const p2 Int)
(assert (and (<= 0 f2) (< f2 e2) (<= e2 4) (<= 0 p2 1000)))
(declare-const f3 Int)
(declare-const e3 Int)
(declare-const p3 Int)
(assert (and (<= 0 f3) (< f3 e3) (<= e3 4) (<= 0 p3 1000)))
(declare-const f4 Int)
(declare-const e4 Int)
(declare-const p4 Int)
(assert (and (<= 0 f4) (< f4 e4) (<= e4 4) (<= 0 p4 1000)))
(define-fun none () Int 1000000)
(define-fun least ((a Int) (b Int)) Int (ite (<= a b) a b))
(define-fun d4 () Int 0)
(define-fun d3 () Int (least (least (least (least (least none (ite (= f0 3) (+ p0 (ite (= e0 4) d4 none)) none)) (ite (= f1 3) (+ p1 (ite (= e1 4) d4 none)) none)) (ite (= f2 3) (+ p2 (ite (= e2 4) d4 none)) none)) (ite (= f3 3) (+ p3 (ite (= e3 4) d4 none)) none)) (ite (= f4 3) (+ p4 (ite (= e4 4) d4 none)) none)))
(define-fun d2 () Int (least (least (least (least (least none (ite (= f0 2) (+ p0 (ite (= e0 4) d4 (ite (= e0 3) d3 none))) none)) (ite (= f1 2) (+ p1 (ite (= e1 4) d4 (ite (= e1 3) d3 none))) none)) (ite (= f2 2) (+ p2 (ite (= e2 4) d4 (ite (= e2 3) d3 none))) none)) (ite (= f3 2) (+ p3 (ite (= e3 4) d4 (ite (= e3 3) d3 none))) none)) (ite (= f4 2) (+ p4 (ite (= e4 4) d4 (ite (= e4 3) d3 none))) none)))
(define-fun d1 () Int (least (least (least (least (least none (ite (= f0 1) (+ p0 (ite (= e0 4) d4 (ite (= e0 3) d3 (ite (= e0 2) d2 none)))) none)) (ite (= f1 1) (+ p1 (ite (= e1 4) d4 (ite (= e1 3) d3 (ite (= e1 2) d2 none)))) none)) (ite (= f2 1) (+ p2 (ite (= e2 4) d4 (ite (= e2 3) d3 (ite (= e2 2) d2 none)))) none)) (ite (= f3 1) (+ p3 (ite (= e3 4) d4 (ite (= e3 3) d3 (ite (= e3 2) d2 none)))) none)) (ite (= f4 1) (+ p4 (ite (= e4 4) d4 (ite (= e4 3) d3 (ite (= e4 2) d2 none)))) none)))
(define-fun d0 () Int (least (least (least (least (least none (ite (= f0 0) (+ p0 (ite (= e0 4) d4 (ite (= e0 3) d3 (ite (= e0 2) d2 (ite (= e0 1) d1 none))))) none)) (ite (= f1 0) (+ p1 (ite (= e1 4) d4 (ite (= e1 3) d3 (ite (= e1 2) d2 (ite (= e1 1) d1 none))))) none)) (ite (= f2 0) (+ p2 (ite (= e2 4) d4 (ite (= e2 3) d3 (ite (= e2 2) d2 (ite (= e2 1) d1 none))))) none)) (ite (= f3 0) (+ p3 (ite (= e3 4) d4 (ite (= e3 3) d3 (ite (= e3 2) d2 (ite (= e3 1) d1 none))))) none)) (ite (= f4 0) (+ p4 (ite (= e4 4) d4 (ite (= e4 3) d3 (ite (= e4 2) d2 (ite (= e4 1) d1 none))))) none)))

; A chosen tiling: offer k of the path is c_k; lengths 1 to 4.
(declare-const c0 Int)
(assert (<= 0 c0 4))
(declare-const c1 Int)
(assert (<= 0 c1 4))
(declare-const c2 Int)
(assert (<= 0 c2 4))
(declare-const c3 Int)
(assert (<= 0 c3 4))
(define-fun fc0 () Int (ite (= c0 0) f0 (ite (= c0 1) f1 (ite (= c0 2) f2 (ite (= c0 3) f3 f4)))))
(define-fun ec0 () Int (ite (= c0 0) e0 (ite (= c0 1) e1 (ite (= c0 2) e2 (ite (= c0 3) e3 e4)))))
(define-fun pc0 () Int (ite (= c0 0) p0 (ite (= c0 1) p1 (ite (= c0 2) p2 (ite (= c0 3) p3 p4)))))
(define-fun fc1 () Int (ite (= c1 0) f0 (ite (= c1 1) f1 (ite (= c1 2) f2 (ite (= c1 3) f3 f4)))))
(define-fun ec1 () Int (ite (= c1 0) e0 (ite (= c1 1) e1 (ite (= c1 2) e2 (ite (= c1 3) e3 e4)))))
(define-fun pc1 () Int (ite (= c1 0) p0 (ite (= c1 1) p1 (ite (= c1 2) p2 (ite (= c1 3) p3 p4)))))
(define-fun fc2 () Int (ite (= c2 0) f0 (ite (= c2 1) f1 (ite (= c2 2) f2 (ite (= c2 3) f3 f4)))))
(define-fun ec2 () Int (ite (= c2 0) e0 (ite (= c2 1) e1 (ite (= c2 2) e2 (ite (= c2 3) e3 e4)))))
(define-fun pc2 () Int (ite (= c2 0) p0 (ite (= c2 1) p1 (ite (= c2 2) p2 (ite (= c2 3) p3 p4)))))
(define-fun fc3 () Int (ite (= c3 0) f0 (ite (= c3 1) f1 (ite (= c3 2) f2 (ite (= c3 3) f3 f4)))))
(define-fun ec3 () Int (ite (= c3 0) e0 (ite (= c3 1) e1 (ite (= c3 2) e2 (ite (= c3 3) e3 e4)))))
(define-fun pc3 () Int (ite (= c3 0) p0 (ite (= c3 1) p1 (ite (= c3 2) p2 (ite (= c3 3) p3 p4)))))

; Theorem: no tiling is cheaper than d_0.
(push)
(assert (or (and (and (= fc0 0) (= ec0 4)) (< (+ 0 pc0) d0)) (and (and (= fc0 0) (= ec1 4) (= fc1 ec0)) (< (+ 0 pc0 pc1) d0)) (and (and (= fc0 0) (= ec2 4) (= fc1 ec0) (= fc2 ec1)) (< (+ 0 pc0 pc1 pc2) d0)) (and (and (= fc0 0) (= ec3 4) (= fc1 ec0) (= fc2 ec1) (= fc3 ec2)) (< (+ 0 pc0 pc1 pc2 pc3) d0))))
(check-sat) ; expect: unsat
(pop)

; Theorem: if d_0 is a price, some tiling costs exactly that. For every offer that attains the minimum at its boundary the rest costs what
; the next boundary says, so a failure would be a d_b below every offer that starts there.
(push)
(assert (and (< d0 none) (not (and (= f0 0) (= d0 (+ p0 (ite (= e0 4) d4 (ite (= e0 3) d3 (ite (= e0 2) d2 (ite (= e0 1) d1 none)))))))) (not (and (= f1 0) (= d0 (+ p1 (ite (= e1 4) d4 (ite (= e1 3) d3 (ite (= e1 2) d2 (ite (= e1 1) d1 none)))))))) (not (and (= f2 0) (= d0 (+ p2 (ite (= e2 4) d4 (ite (= e2 3) d3 (ite (= e2 2) d2 (ite (= e2 1) d1 none)))))))) (not (and (= f3 0) (= d0 (+ p3 (ite (= e3 4) d4 (ite (= e3 3) d3 (ite (= e3 2) d2 (ite (= e3 1) d1 none)))))))) (not (and (= f4 0) (= d0 (+ p4 (ite (= e4 4) d4 (ite (= e4 3) d3 (ite (= e4 2) d2 (ite (= e4 1) d1 none))))))))))
(check-sat) ; expect: unsat
(pop)
(push)
(assert (and (< d1 none) (not (and (= f0 1) (= d1 (+ p0 (ite (= e0 4) d4 (ite (= e0 3) d3 (ite (= e0 2) d2 none))))))) (not (and (= f1 1) (= d1 (+ p1 (ite (= e1 4) d4 (ite (= e1 3) d3 (ite (= e1 2) d2 none))))))) (not (and (= f2 1) (= d1 (+ p2 (ite (= e2 4) d4 (ite (= e2 3) d3 (ite (= e2 2) d2 none))))))) (not (and (= f3 1) (= d1 (+ p3 (ite (= e3 4) d4 (ite (= e3 3) d3 (ite (= e3 2) d2 none))))))) (not (and (= f4 1) (= d1 (+ p4 (ite (= e4 4) d4 (ite (= e4 3) d3 (ite (= e4 2) d2 none)))))))))
(check-sat) ; expect: unsat
(pop)
(push)
(assert (and (< d2 none) (not (and (= f0 2) (= d2 (+ p0 (ite (= e0 4) d4 (ite (= e0 3) d3 none)))))) (not (and (= f1 2) (= d2 (+ p1 (ite (= e1 4) d4 (ite (= e1 3) d3 none)))))) (not (and (= f2 2) (= d2 (+ p2 (ite (= e2 4) d4 (ite (= e2 3) d3 none)))))) (not (and (= f3 2) (= d2 (+ p3 (ite (= e3 4) d4 (ite (= e3 3) d3 none)))))) (not (and (= f4 2) (= d2 (+ p4 (ite (= e4 4) d4 (ite (= e4 3) d3 none))))))))
(check-sat) ; expect: unsat
(pop)
(push)
(assert (and (< d3 none) (not (and (= f0 3) (= d3 (+ p0 (ite (= e0 4) d4 none))))) (not (and (= f1 3) (= d3 (+ p1 (ite (= e1 4) d4 none))))) (not (and (= f2 3) (= d3 (+ p2 (ite (= e2 4) d4 none))))) (not (and (= f3 3) (= d3 (+ p3 (ite (= e3 4) d4 none))))) (not (and (= f4 3) (= d3 (+ p4 (ite (= e4 4) d4 none)))))))
(check-sat) ; expect: unsat
(pop)

; Controls: tilings whose segments may overlap can be cheaper than d_0; and instances without a tiling exist, as do such with one.
(push)
(assert (and (< d0 none) (and (= fc0 0) (= ec1 4) (<= fc1 ec0)) (< (+ 0 pc0 pc1) d0)))
(check-sat) ; expect: sat
(pop)
(push)
(assert (>= d0 none))
(check-sat) ; expect: sat
(pop)
(push)
(assert (and (< d0 none) (and (= fc0 0) (= ec2 4) (= fc1 ec0) (= fc2 ec1)) (= (+ 0 pc0 pc1 pc2) d0) (> d0 0)))
(check-sat) ; expect: sat
(pop)
